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

  grpc::ServerUnaryReactor* Channels(grpc::CallbackServerContext* context, const v1::ChannelsRequest* request,
                                     v1::ChannelsReply* reply) override;
  grpc::ServerUnaryReactor* Pause(grpc::CallbackServerContext* context, const v1::ChannelOrder* request,
                                  v1::ChannelOrderReply* reply) override;
  grpc::ServerUnaryReactor* Resume(grpc::CallbackServerContext* context, const v1::ChannelOrder* request,
                                   v1::ChannelOrderReply* reply) override;
  grpc::ServerUnaryReactor* Redeliver(grpc::CallbackServerContext* context, const v1::FilingsOrder* request,
                                      v1::RedeliverReply* reply) override;
  grpc::ServerUnaryReactor* Retranslate(grpc::CallbackServerContext* context, const v1::FilingsOrder* request,
                                        v1::RetranslateReply* reply) override;

 private:
  // An order about deliveries: logged, and carried out on the thread for administration.
  template <typename Request, typename Reply>
  grpc::ServerUnaryReactor* order(grpc::CallbackServerContext* context, std::string_view method, std::string_view name,
                                  const Request* request, Reply* reply,
                                  Result<Reply> (delivery::Delivery::*give)(const Request&, std::string_view));

  const Backend& backend_;
};

}  // namespace puente::transport
