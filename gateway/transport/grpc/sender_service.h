// Sender: documents in, receipts and status out.
#pragma once

#include "gateway/transport/grpc/backend.h"
#include "puente/v1/gateway.grpc.pb.h"

namespace puente::transport {

class SenderService final : public v1::Sender::CallbackService {
 public:
  explicit SenderService(const Backend& backend) : backend_(backend) {}

  grpc::ServerUnaryReactor* Submit(grpc::CallbackServerContext* context, const v1::SubmitRequest* request,
                                   v1::SubmitReply* reply) override;
  grpc::ServerBidiReactor<v1::SubmitRequest, v1::SubmitEvent>* SubmitMany(
      grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* Check(grpc::CallbackServerContext* context, const v1::CheckRequest* request,
                                  v1::CheckReport* reply) override;
  grpc::ServerUnaryReactor* Status(grpc::CallbackServerContext* context, const v1::StatusRequest* request,
                                   v1::StatusReply* reply) override;
  grpc::ServerWriteReactor<v1::StatusEvent>* Watch(grpc::CallbackServerContext* context,
                                                   const v1::WatchRequest* request) override;
  grpc::ServerUnaryReactor* GetDraft(grpc::CallbackServerContext* context, const v1::DraftRequest* request,
                                     v1::Draft* reply) override;

 private:
  const Backend& backend_;
};

}  // namespace puente::transport
