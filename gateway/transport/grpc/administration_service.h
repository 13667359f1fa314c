// Administration: what an operator asks and orders. Every order is logged with the partner that gave it.
#pragma once

#include "gateway/transport/grpc/backend.h"
#include "puente/v1/gateway.grpc.pb.h"

namespace puente::transport {

class AdministrationService final : public v1::Administration::CallbackService {
 public:
  explicit AdministrationService(const Backend& backend) : backend_(backend) {}

  grpc::ServerUnaryReactor* Exceptions(grpc::CallbackServerContext* context, const v1::ExceptionsRequest* request,
                                       v1::ExceptionsReply* reply) override;
  grpc::ServerUnaryReactor* Trace(grpc::CallbackServerContext* context, const v1::TraceRequest* request,
                                  v1::StatusReply* reply) override;
  grpc::ServerUnaryReactor* Reload(grpc::CallbackServerContext* context, const v1::ReloadRequest* request,
                                   v1::ReloadReply* reply) override;
  grpc::ServerUnaryReactor* Verify(grpc::CallbackServerContext* context, const v1::VerifyRequest* request,
                                   v1::VerifyReply* reply) override;
  grpc::ServerUnaryReactor* Backup(grpc::CallbackServerContext* context, const v1::BackupRequest* request,
                                   v1::BackupReply* reply) override;

 private:
  const Backend& backend_;
};

}  // namespace puente::transport
