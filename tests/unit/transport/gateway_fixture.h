// A gRPC door with development certificates, a real ledger, and a flow and a delivery of a few lines behind it: what
// the door does is proved here, what flow and delivery do in their own tests.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "gateway/ledger/open.h"
#include "gateway/transport/grpc/client.h"
#include "gateway/transport/grpc/grpc_server.h"

namespace puente::transport::testing {

// Polls until `condition` holds; false after a generous while. The condition decides, the time only ends a broken test.
bool eventually(const std::function<bool()>& condition);

// Keeps documents in the ledger under the digest of their bytes and moves them to joined. Special contents: "refuse" is
// answered with a finding, "fault" with a retryable fault, "hold..." only after release().
class FlowOnLedger final : public flow::Flow {
 public:
  explicit FlowOnLedger(ledger::Ledger& ledger) : ledger_(ledger) {}
  void accept(const flow::PartnerScope& scope, flow::Submission submission,
              std::function<void(Result<v1::SubmitReply>)> done) override;
  v1::CheckReport check(std::string_view /*partner*/, std::string_view name, std::string content) override;
  Result<v1::StatusReply> status(const flow::PartnerScope& scope, std::string_view number) override;
  Result<v1::Draft> draft_of(const flow::PartnerScope& scope, std::string_view filing_id) override;
  Result<std::vector<v1::StatusEvent>> events(const flow::PartnerScope& scope, std::uint64_t& last,
                                              std::size_t limit) override;
  void replace_knowledge(flow::Knowledge) override {}
  flow::Knowledge knowledge() const override { return {}; }
  void start() override {}
  void drain() override {}

  void release();
  std::size_t held() const;
  // Instead of the ledger's: `count` events of `bytes` of text each, from sequence 1.
  void make_up_events(std::uint64_t count, std::size_t bytes);
  std::uint64_t events_given() const;

 private:
  struct Held {
    flow::PartnerScope scope;
    flow::Submission submission;
    std::function<void(Result<v1::SubmitReply>)> done;
  };
  void keep(const flow::PartnerScope& scope, flow::Submission submission,
            std::function<void(Result<v1::SubmitReply>)> done);

  ledger::Ledger& ledger_;
  mutable std::mutex mutex_;
  std::vector<Held> held_;
  std::uint64_t made_up_ = 0, given_ = 0;
  std::size_t made_up_bytes_ = 0;
};

// Offers one filing for each credit and remembers what happened.
class DeliveryOfTest final : public delivery::Delivery {
 public:
  std::unique_ptr<delivery::FilerSession> attach(const flow::PartnerScope& scope, std::string_view channel,
                                                 Sink sink) override;
  void act(const flow::PartnerScope& scope, v1::FilerAct act, std::string_view transport,
           std::function<void(Result<v1::FilerActResult>)> done) override;
  Result<std::vector<std::string>> settled(const flow::PartnerScope&, const std::vector<std::string>&) override {
    return std::vector<std::string>();
  }
  Result<std::vector<v1::ExceptionRow>> exceptions() override { return std::vector<v1::ExceptionRow>(1); }
  Result<v1::ChannelsReply> channels() override { return v1::ChannelsReply(); }
  Result<v1::ChannelOrderReply> pause(const v1::ChannelOrder&, std::string_view) override {
    return v1::ChannelOrderReply();
  }
  Result<v1::ChannelOrderReply> resume(const v1::ChannelOrder&, std::string_view) override {
    return v1::ChannelOrderReply();
  }
  Result<v1::RedeliverReply> redeliver(const v1::FilingsOrder&, std::string_view) override {
    return v1::RedeliverReply();
  }
  Result<v1::RetranslateReply> retranslate(const v1::FilingsOrder&, std::string_view) override {
    return v1::RetranslateReply();
  }
  void start() override {}
  void drain() override {}

  int sessions_open() const;
  std::vector<std::string> partners_seen() const;

 private:
  class Session;
  mutable std::mutex mutex_;
  int open_ = 0;
  std::vector<std::string> partners_;
};

class GatewayTest : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  // carrier: sender; broker: filer; keeper: ops; stranger: a certificate without a registry row.
  virtual GrpcLimits limits() const { return {}; }
  std::string registry_text(std::string_view revoked = {}) const;
  void revoke(std::string_view name);
  std::unique_ptr<client::Client> connect(const std::string& name) const;
  Result<std::unique_ptr<client::Client>> try_connect(const std::string& name) const;
  std::filesystem::path file(const std::string& name) const { return dir_ / "certs" / name; }
  static std::string text_of(const std::filesystem::path& path);
  static v1::SubmitRequest document(const std::string& content);
  std::string address() const { return "127.0.0.1:" + std::to_string(server_->port()); }

  std::filesystem::path dir_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<FlowOnLedger> flow_;
  DeliveryOfTest delivery_;
  std::unique_ptr<partners::Partners> partners_;
  ops::Readiness readiness_{"test"};
  std::unique_ptr<GrpcServer> server_;
};

}  // namespace puente::transport::testing
