// Filer: filings out as far as credits and window allow; confirmations, refusals, corrections and CBP's answers in.
#pragma once

#include "gateway/transport/grpc/backend.h"
#include "puente/v1/gateway.grpc.pb.h"

namespace puente::transport {

class FilerService final : public v1::Filer::CallbackService {
 public:
  explicit FilerService(const Backend& backend) : backend_(backend) {}

  grpc::ServerBidiReactor<v1::FilerAct, v1::FeedMessage>* Feed(grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* Act(grpc::CallbackServerContext* context, const v1::FilerAct* act,
                                v1::FilerActResult* result) override;

 private:
  const Backend& backend_;
};

}  // namespace puente::transport
