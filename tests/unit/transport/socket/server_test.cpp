// The socket door over real TLS connections: what a sender, a filer and a broken client see.
#include <openssl/ssl.h>

#include <atomic>
#include <fstream>

#include "../raw_socket.h"
#include "gateway/partners/certificates.h"
#include "socket_fixture.h"

namespace puente::transport::testing {
namespace {

using socket::FrameType;
using std::chrono::milliseconds;

v1::StatusRequest question(const std::string& number) {
  v1::StatusRequest request;
  request.set_number(number);
  return request;
}

v1::FilerAct confirmation(const std::string& token) {
  v1::FilerAct act;
  act.mutable_confirmation()->set_token(token);
  return act;
}

// ---- senders --------------------------------------------------------------------------------------------------------

using SocketSender = SocketTest;

TEST_F(SocketSender, Greeting_SaysWhoOneIsAndTheLimits) {
  const auto client = connect_socket("carrier");
  EXPECT_EQ(client->welcome().version(), 1u);
  EXPECT_EQ(client->welcome().partner(), "carrier");
  ASSERT_EQ(client->welcome().roles_size(), 1);
  EXPECT_EQ(client->welcome().roles(0), "sender");
  EXPECT_EQ(client->welcome().limits().frame_bytes(), std::uint64_t{1} << 20U);
  EXPECT_EQ(client->welcome().limits().calls_in_flight(), 64u);
}

TEST_F(SocketSender, Submission_GetsAReceipt_AndItsRepeatTheSameOne) {
  const auto client = connect_socket("carrier");
  const auto first = client->submit(document("one"));
  ASSERT_TRUE(first) << first.error().text;
  EXPECT_TRUE(first->has_receipt());
  EXPECT_EQ(first->client_ref(), "ref one");
  const auto again = connect_socket("carrier")->submit(document("one"));
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->repeat());
  EXPECT_EQ(again->receipt().SerializeAsString(), first->receipt().SerializeAsString());
  EXPECT_TRUE(client->status(first->receipt().body().document_id())->found());
  EXPECT_FALSE(client->status("unknown")->found());
}

TEST_F(SocketSender, RefusedDocument_GetsFindingsAndNoReceipt_AFaultAnError) {
  const auto client = connect_socket("carrier");
  const auto refused = client->submit(document("refuse"));
  ASSERT_TRUE(refused);
  EXPECT_FALSE(refused->has_receipt());
  EXPECT_EQ(refused->findings(0).code(), "DOCUMENT_EMPTY");
  const auto fault = client->submit(document("fault"));
  ASSERT_FALSE(fault);
  EXPECT_EQ(fault.error().code, "peer_unavailable");
  EXPECT_EQ(fault.error().kind, FaultKind::retryable);
  EXPECT_TRUE(client->submit(document("after")));
}

TEST_F(SocketSender, DocumentOfTenMegabytes_GoesInChunks_AndItsBytesArrive) {
  const auto client = connect_socket("carrier");
  const std::string content(std::size_t{10} << 20U, 'd');
  const auto reply = client->submit(document(content));
  ASSERT_TRUE(reply) << reply.error().text;
  std::string body;
  const auto read = ledger_->read([&](ledger::Reader& reader) -> Result<void> {
    body = reader.body(reply->receipt().body().document_id()).value_or("");
    return {};
  });
  ASSERT_TRUE(read);
  EXPECT_EQ(body, content);
}

TEST_F(SocketSender, MessageOverTheLimit_IsRefused_AndTheConnectionGoesOn) {
  const auto client = connect_socket("carrier");
  const auto reply = client->submit(document(std::string((std::size_t{10} << 20U) + (std::size_t{70} << 10U), 'd')));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, "limit_reached");
  EXPECT_NE(reply.error().text.find("MESSAGE_TOO_LARGE"), std::string::npos);
  EXPECT_TRUE(client->submit(document("small")));
  const auto question_too_large = client->status(std::string(std::size_t{300} << 10U, '1'));
  ASSERT_FALSE(question_too_large);
  EXPECT_EQ(question_too_large.error().code, "limit_reached");
}

TEST_F(SocketSender, ManySubmissions_OverTheWindow_AllGetReceipts) {
  const auto client = connect_socket("carrier");
  int next = 0, receipts = 0;
  const auto sent = client->submit_many(
      [&]() -> std::optional<v1::SubmitRequest> {
        if (next == 500) return std::nullopt;
        return document("many " + std::to_string(next++));
      },
      [&](const v1::SubmitEvent& event) { receipts += event.reply().has_receipt() ? 1 : 0; }, 200);
  ASSERT_TRUE(sent) << sent.error().text;
  EXPECT_EQ(receipts, 500);
}

TEST_F(SocketSender, CallsOverTheWindow_AreReadLater_AndNoneIsLost) {
  const auto peer = greeted();
  // Held submissions fill the window; a question behind them is not read until some are answered.
  std::string bytes;
  for (std::uint32_t call = 1; call <= 64; ++call)
    bytes += frame(FrameType::submit, call, document("hold " + std::to_string(call)));
  for (std::uint32_t call = 65; call <= 100; ++call)
    bytes += frame(FrameType::submit, call, document("later " + std::to_string(call)));
  ASSERT_TRUE(peer->send(bytes));
  ASSERT_TRUE(eventually([&] { return flow_->held() == 64; }));
  flow_->release();
  std::set<std::uint32_t> answered;
  while (answered.size() < 100) {
    const Frame reply = peer->expect(FrameType::submit_reply);
    ASSERT_EQ(reply.type, FrameType::submit_reply);
    EXPECT_TRUE(answered.insert(reply.call).second);
    EXPECT_TRUE(reply.as<v1::SubmitReply>().has_receipt());
  }
}

TEST_F(SocketSender, InterleavedDocuments_ArriveWhole) {
  const auto peer = greeted();
  const std::string one = document("hold one " + std::string(5000, '1')).SerializeAsString();
  const std::string two = document("hold two " + std::string(3000, '2')).SerializeAsString();
  for (std::size_t at = 0; at < one.size(); at += 100) {
    ASSERT_TRUE(peer->send(frame(FrameType::submit, 1, one.substr(at, 100), at + 100 < one.size() ? socket::kMore : 0)));
    if (at >= two.size()) continue;
    ASSERT_TRUE(peer->send(frame(FrameType::submit, 2, two.substr(at, 100), at + 100 < two.size() ? socket::kMore : 0)));
  }
  ASSERT_TRUE(eventually([&] { return flow_->held() == 2; }));
  flow_->release();
  for (int index = 0; index < 2; ++index) {
    const Frame reply = peer->expect(FrameType::submit_reply);
    EXPECT_TRUE(reply.as<v1::SubmitReply>().client_ref().starts_with(reply.call == 1 ? "ref hold one" : "ref hold two"));
  }
}

TEST_F(SocketSender, Check_AnswersAndKeepsNothing) {
  const auto client = connect_socket("carrier");
  EXPECT_EQ(client->check("bad")->verdict(), "rejected");
  EXPECT_EQ(client->check("good")->verdict(), "accepted");
  EXPECT_EQ(connect_socket("broker")->check("good")->verdict(), "accepted");
}

TEST_F(SocketSender, Watch_TellsWhatHappens_AndGoesOnAfterASequence) {
  const auto client = connect_socket("carrier");
  const auto receipt = client->submit(document("watched"));
  ASSERT_TRUE(receipt);
  v1::WatchRequest request;
  request.set_after_sequence(receipt->receipt().body().ledger_sequence());
  std::vector<std::string> states;
  const auto watched = client->watch(request, [&](const v1::StatusEvent& event) {
    states.push_back(event.state());
    return event.state() != "joined";
  });
  ASSERT_TRUE(watched) << watched.error().text;
  EXPECT_EQ(states, (std::vector<std::string>{"read", "joined"}));
  EXPECT_TRUE(client->submit(document("after the watch")));
}

TEST_F(SocketSender, Watch_OfANumber_PassesOnWhatBelongsToIt) {
  const auto client = connect_socket("carrier");
  const auto one = client->submit(document("number one")), two = client->submit(document("number two"));
  ASSERT_TRUE(one && two);
  v1::WatchRequest request;
  request.set_after_sequence(one->receipt().body().ledger_sequence());
  request.set_number(two->receipt().body().document_id());
  std::vector<std::string> ids;
  ASSERT_TRUE(client->watch(request, [&](const v1::StatusEvent& event) {
    ids.push_back(event.object_id());
    return event.state() != "joined";
  }));
  for (const std::string& id : ids) EXPECT_EQ(id, two->receipt().body().document_id());
  EXPECT_FALSE(ids.empty());
}

TEST_F(SocketSender, WatchThatIsNotRead_HoldsNoMoreThanItsWindow) {
  flow_->make_up_events(4000, 8000);
  const auto peer = std::make_unique<Peer>(port(), dir_ / "certs", "carrier");
  peer->small_buffers();
  ASSERT_TRUE(peer->secure());
  ASSERT_TRUE(peer->greet());
  v1::WatchRequest request;
  request.set_after_sequence(1);
  ASSERT_TRUE(peer->send(FrameType::watch, 1, request));
  // It stops by itself: as many were asked of the flow as fit into the kernel's buffers and the window.
  // Between two looks the door has answered another peer a hundred times: it had its turns.
  const auto other = connect_socket("carrier");
  std::uint64_t before = 0;
  ASSERT_TRUE(eventually([&] {
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(other->status("0"));
    const std::uint64_t now = flow_->events_given();
    return now > 0 && now == std::exchange(before, now);
  }));
  EXPECT_LT(before, 2000u);
  std::uint64_t sequence = 1;
  while (sequence < 4000) {
    const Frame event = peer->expect(FrameType::event);
    ASSERT_EQ(event.as<v1::StatusEvent>().sequence(), ++sequence);
  }
}

TEST_F(SocketSender, WatchesOverTheLimit_AreRefused_UntilOneIsCancelled) {
  const auto peer = greeted();
  for (std::uint32_t call = 1; call <= 8; ++call) ASSERT_TRUE(peer->send(FrameType::watch, call, v1::WatchRequest()));
  ASSERT_TRUE(peer->send(FrameType::watch, 9, v1::WatchRequest()));
  const Frame refused = peer->expect(FrameType::error);
  EXPECT_EQ(refused.call, 9u);
  EXPECT_EQ(refused.as<v1::Error>().code(), v1::LIMIT_REACHED);
  ASSERT_TRUE(peer->send(frame(FrameType::cancel, 3, "")));
  EXPECT_EQ(peer->expect(FrameType::end).call, 3u);
  ASSERT_TRUE(peer->send(FrameType::watch, 3, v1::WatchRequest()));
  ASSERT_TRUE(peer->send(frame(FrameType::ping, 0, "x")));
  EXPECT_EQ(peer->expect(FrameType::pong).payload, "x");
}

// ---- filers ---------------------------------------------------------------------------------------------------------

using SocketFiler = SocketTest;

TEST_F(SocketFiler, Feed_GivesAFilingForEachCredit_AndActsAreAnswered) {
  const auto client = connect_socket("broker");
  std::mutex mutex;
  std::vector<std::string> tokens, confirmed;
  client::Feed* made = nullptr;
  auto feed = client->feed({.on_filing =
                                [&](const v1::Filing& filing) {
                                  const std::scoped_lock lock(mutex);
                                  tokens.push_back(filing.token());
                                  made->send(confirmation(filing.token()));
                                },
                            .on_result =
                                [&](const v1::FilerActResult& result) {
                                  const std::scoped_lock lock(mutex);
                                  if (result.applied()) confirmed.push_back(result.token());
                                }});
  made = feed.get();
  EXPECT_TRUE(feed->grant(2));
  EXPECT_TRUE(feed->grant(1));
  ASSERT_TRUE(eventually([&] {
    const std::scoped_lock lock(mutex);
    return confirmed.size() == 3;
  }));
  EXPECT_EQ(tokens, (std::vector<std::string>{"TOKEN1", "TOKEN2", "TOKEN3"}));
  EXPECT_EQ(delivery_.sessions_open(), 1);
  feed->half_close();
  EXPECT_TRUE(feed->wait());
  EXPECT_FALSE(feed->grant(1));
  ASSERT_TRUE(eventually([&] { return delivery_.sessions_open() == 0; }));
  const auto result = client->act(confirmation("TOKEN9"));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->token(), "TOKEN9");
}

TEST_F(SocketFiler, SecondFeed_IsRefused_AndTheFirstGoesOn) {
  const auto peer = greeted("broker");
  v1::Credits credits;
  credits.set_filings(1);
  ASSERT_TRUE(peer->send(FrameType::feed, 1, credits));
  EXPECT_EQ(peer->expect(FrameType::filing).call, 1u);
  ASSERT_TRUE(peer->send(FrameType::feed, 2, credits));
  EXPECT_EQ(peer->expect(FrameType::error).call, 2u);
  ASSERT_TRUE(peer->send(FrameType::feed, 1, credits));
  EXPECT_EQ(peer->expect(FrameType::filing).as<v1::Filing>().token(), "TOKEN2");
}

TEST_F(SocketFiler, LostConnection_GivesItsFilingsBack) {
  const auto peer = greeted("broker");
  ASSERT_TRUE(peer->send(FrameType::feed, 1, v1::Credits()));
  ASSERT_TRUE(eventually([&] { return delivery_.sessions_open() == 1; }));
  peer->break_off();
  EXPECT_TRUE(eventually([&] { return delivery_.sessions_open() == 0; }));
}

// ---- who may do what ------------------------------------------------------------------------------------------------

using SocketAccess = SocketTest;

TEST_F(SocketAccess, EveryFrameType_IsOpenToTheRolesOfItsOperationAlone) {
  const std::map<std::string, partners::Role> roles{
      {"carrier", partners::Role::sender}, {"broker", partners::Role::filer}, {"keeper", partners::Role::ops}};
  for (const auto& [name, role] : roles) {
    const auto peer = greeted(name);
    std::uint32_t call = 0;
    for (const socket::FrameRow& row : socket::frame_table()) {
      if (!row.operation) continue;
      const bool allowed = (transport::row_of(*row.operation).roles & role_bit(role)) != 0;
      ASSERT_TRUE(peer->send(frame(row.type, ++call, "")));
      ASSERT_TRUE(peer->send(frame(FrameType::ping, 0, "")));  // what answers nothing is behind us when PONG comes
      bool refused = false;
      for (bool pong = false, answered = row.type == FrameType::watch || row.type == FrameType::feed;
           !pong || !answered;) {
        const auto got = peer->next();
        ASSERT_TRUE(got) << row.name;
        pong = pong || got->type == FrameType::pong;
        if (got->call != call) continue;
        answered = true;
        refused = refused || (got->type == FrameType::error && got->as<v1::Error>().code() == v1::ROLE_REFUSED);
      }
      EXPECT_EQ(refused, !allowed) << name << ' ' << row.name;
    }
  }
}

TEST_F(SocketAccess, UnknownKey_IsToldAndClosed) {
  const auto peer = this->peer("stranger");
  const Frame error = peer->expect(FrameType::error);
  EXPECT_EQ(error.call, 0u);
  EXPECT_EQ(error.as<v1::Error>().code(), v1::UNAUTHENTICATED);
  EXPECT_TRUE(peer->closed());
  const auto client = try_connect_socket("stranger");
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().code, "unauthenticated");
}

TEST_F(SocketAccess, RevokedKey_LosesItsConnection) {
  const auto peer = greeted();
  const auto other = greeted("broker");
  revoke("carrier");
  EXPECT_EQ(peer->expect(FrameType::error).as<v1::Error>().code(), v1::UNAUTHENTICATED);
  EXPECT_TRUE(peer->closed());
  ASSERT_TRUE(other->send(frame(FrameType::ping, 0, "")));
  other->expect(FrameType::pong);
}

TEST_F(SocketAccess, NoCertificate_NoHandshake) {
  const auto outcome = attempt({.port = port(), .authority = file("ca.crt"), .certificate = {}, .key = {}});
  EXPECT_FALSE(outcome.served);
}

TEST_F(SocketAccess, OldTls_IsRefused) {
  const auto outcome = attempt({.port = port(),
                                .authority = file("ca.crt"),
                                .certificate = file("carrier.crt"),
                                .key = file("carrier.key"),
                                .lowest = TLS1_1_VERSION,
                                .highest = TLS1_1_VERSION});
  EXPECT_FALSE(outcome.served);
}

TEST_F(SocketAccess, ServersCertificate_IsReloadedForTheNextHandshake_AndKeptWhenBroken) {
  const auto before = greeted();
  const std::string key = text_of(file("server.key"));
  std::ofstream(file("server.key")) << text_of(file("carrier.key"));
  EXPECT_FALSE(door_->reload_certificates());
  EXPECT_TRUE(connect_socket("carrier"));
  std::ofstream(file("server.key")) << key;
  EXPECT_TRUE(door_->reload_certificates());
  EXPECT_TRUE(connect_socket("carrier"));
  ASSERT_TRUE(before->send(frame(FrameType::ping, 0, "")));
  before->expect(FrameType::pong);
}

// ---- what breaks the protocol ---------------------------------------------------------------------------------------

using SocketProtocol = SocketTest;

TEST_F(SocketProtocol, CallBeforeTheGreeting_IsClosed) {
  const auto peer = this->peer();
  ASSERT_TRUE(peer->send(FrameType::status, 1, question("x")));
  EXPECT_EQ(peer->expect(FrameType::error).as<v1::Error>().code(), v1::BAD_FRAME);
  EXPECT_TRUE(peer->closed());
}

TEST_F(SocketProtocol, CallsRightBehindTheGreeting_AreAnswered) {
  const auto peer = this->peer();
  v1::Hello hello;
  hello.set_version_min(1);
  hello.set_version_max(7);
  ASSERT_TRUE(peer->send(frame(FrameType::hello, 0, hello) + frame(FrameType::status, 1, question("x"))));
  EXPECT_EQ(peer->expect(FrameType::welcome).as<v1::Welcome>().version(), 1u);
  EXPECT_FALSE(peer->expect(FrameType::status_reply).as<v1::StatusReply>().found());
}

TEST_F(SocketProtocol, NoVersionInCommon_IsSaidAndClosed) {
  const auto peer = this->peer();
  v1::Hello hello;
  hello.set_version_min(2);
  hello.set_version_max(9);
  ASSERT_TRUE(peer->send(FrameType::hello, 0, hello));
  EXPECT_EQ(peer->expect(FrameType::error).as<v1::Error>().code(), v1::VERSION_UNSUPPORTED);
  EXPECT_TRUE(peer->closed());
}

TEST_F(SocketProtocol, SecondGreeting_CannotLowerTheVersion) {
  const auto peer = greeted();
  v1::Hello hello;
  hello.set_version_max(1);
  ASSERT_TRUE(peer->send(FrameType::hello, 0, hello));
  EXPECT_EQ(peer->expect(FrameType::error).as<v1::Error>().code(), v1::BAD_FRAME);
}

TEST_F(SocketProtocol, BadFrames_AreAnswered_AndTheTwentiethClosesTheConnection) {
  const auto peer = greeted();
  std::string bad = frame(FrameType::status, 1, question("x"));
  bad[18] = static_cast<char>(bad[18] ^ 1);
  for (int index = 0; index < 19; ++index) ASSERT_TRUE(peer->send(bad));
  ASSERT_TRUE(peer->send(FrameType::status, 2, question("x")));
  for (int index = 0; index < 19; ++index)
    EXPECT_NE(peer->expect(FrameType::error).as<v1::Error>().text().find("checksum"), std::string::npos);
  EXPECT_EQ(peer->expect(FrameType::status_reply).call, 2u);
  ASSERT_TRUE(peer->send(bad));
  peer->expect(FrameType::error);
  EXPECT_TRUE(peer->closed());
}

TEST_F(SocketProtocol, DesyncInADocument_ClosesTheConnection_AndItsContentIsNeverRead) {
  const auto peer = greeted();
  const std::string smuggled = frame(FrameType::submit, 9, document("smuggled"));
  ASSERT_TRUE(peer->send(frame(FrameType::submit, 1, document("a")) + "?" + smuggled));
  bool error = false;
  while (const auto got = peer->next()) error = error || (got->type == FrameType::error && got->call == 0);
  EXPECT_TRUE(error);
  const auto again = connect_socket("carrier")->submit(document("smuggled"));
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->repeat());
}

TEST_F(SocketProtocol, LengthBomb_ClosesTheConnectionAtOnce) {
  const auto peer = greeted();
  ASSERT_TRUE(peer->send(std::string("PU\x01\x10\0\0\0\0\0\0\0\x01\xFF\xFF\xFF\xFF\0\0\0\0", 20)));
  EXPECT_NE(peer->expect(FrameType::error).as<v1::Error>().text().find("length"), std::string::npos);
  EXPECT_TRUE(peer->closed());
}

TEST_F(SocketProtocol, CallNumberInUse_IsABadFrame_AndTheCallIsAnsweredOnce) {
  const auto peer = greeted();
  ASSERT_TRUE(peer->send(frame(FrameType::submit, 1, document("hold")) + frame(FrameType::submit, 1, document("other"))));
  EXPECT_EQ(peer->expect(FrameType::error).call, 0u);
  flow_->release();
  EXPECT_EQ(peer->expect(FrameType::submit_reply).call, 1u);
}

TEST_F(SocketProtocol, PayloadThatIsNoMessage_FailsItsCallOnly) {
  const auto peer = greeted();
  ASSERT_TRUE(peer->send(frame(FrameType::submit, 1, "\xFF\xFF\xFF")));
  const Frame error = peer->expect(FrameType::error);
  EXPECT_EQ(error.call, 1u);
  EXPECT_EQ(error.as<v1::Error>().code(), v1::REQUEST_INVALID);
  ASSERT_TRUE(peer->send(FrameType::submit, 1, document("good")));
  EXPECT_EQ(peer->expect(FrameType::submit_reply).call, 1u);
}

TEST_F(SocketProtocol, CancelOfChunks_IsAnsweredAndTheNumberIsFree) {
  const auto peer = greeted();
  ASSERT_TRUE(peer->send(frame(FrameType::submit, 1, "abc", socket::kMore) + frame(FrameType::cancel, 1, "")));
  EXPECT_EQ(peer->expect(FrameType::end).call, 1u);
  ASSERT_TRUE(peer->send(FrameType::submit, 1, document("good")));
  EXPECT_EQ(peer->expect(FrameType::submit_reply).call, 1u);
}

TEST_F(SocketProtocol, ThreeClosesForBadFrames_KeepThePartnerOut_AndNobodyElse) {
  SocketLimits limits;
  limits.bad_frames = 1;
  serve(limits);
  for (int index = 0; index < 3; ++index) {
    const auto peer = greeted();
    ASSERT_TRUE(peer->send(frame(FrameType::welcome, 0, "")));
    peer->expect(FrameType::error);
    EXPECT_TRUE(peer->closed());
  }
  const auto peer = this->peer();
  const v1::Error error = peer->expect(FrameType::error).as<v1::Error>();
  EXPECT_EQ(error.code(), v1::LIMIT_REACHED);
  EXPECT_GT(error.retry_after_ms(), 0u);
  EXPECT_LE(error.retry_after_ms(), 60'000u);
  EXPECT_TRUE(peer->closed());
  EXPECT_TRUE(connect_socket("broker"));
}

// ---- who is slow, gone, or half gone --------------------------------------------------------------------------------

using SocketTimes = SocketTest;  // each test shortens the time that it is about, and no other

TEST_F(SocketTimes, NoHandshake_IsClosed) {
  SocketLimits limits;
  limits.handshake = milliseconds(100);
  serve(limits);
  RawSocket raw;
  ASSERT_TRUE(raw.connect(port()));
  EXPECT_TRUE(raw.closed_by_peer());
  EXPECT_TRUE(eventually([&] { return door_->connections() == 0; }));
}

TEST_F(SocketTimes, NoGreeting_IsClosed) {
  SocketLimits limits;
  limits.header = milliseconds(100);
  serve(limits);
  const auto peer = this->peer();
  EXPECT_NE(peer->expect(FrameType::error).as<v1::Error>().text().find("CONNECTION_TOO_SLOW"), std::string::npos);
  EXPECT_TRUE(peer->closed());
}

TEST_F(SocketTimes, HeaderThatDoesNotEnd_IsClosed) {
  SocketLimits limits;
  limits.header = milliseconds(1500);
  serve(limits);
  const auto peer = greeted();
  ASSERT_TRUE(peer->send("PU\x01"));
  EXPECT_NE(peer->expect(FrameType::error).as<v1::Error>().text().find("CONNECTION_TOO_SLOW"), std::string::npos);
  EXPECT_TRUE(peer->closed());
}

TEST_F(SocketTimes, ChunkThatDoesNotComeAlong_IsClosed) {
  SocketLimits limits;
  limits.progress_window = milliseconds(200);
  serve(limits);
  const auto peer = greeted();
  ASSERT_TRUE(peer->send(frame(FrameType::submit, 1, "begun", socket::kMore)));
  EXPECT_NE(peer->expect(FrameType::error).as<v1::Error>().text().find("CONNECTION_TOO_SLOW"), std::string::npos);
  EXPECT_TRUE(peer->closed());
}

TEST_F(SocketTimes, SilentPeer_IsAskedAndThenDropped_AnAnsweringOneIsKeptUntilIdle) {
  SocketLimits limits;
  limits.heartbeat = milliseconds(700);
  limits.idle = milliseconds(2500);
  serve(limits);
  const auto silent = greeted();
  silent->expect(FrameType::ping);
  EXPECT_TRUE(silent->closed());
  const auto answering = greeted();
  int pings = 0;
  for (;;) {
    const auto got = answering->next();
    ASSERT_TRUE(got);
    if (got->type == FrameType::go_away) break;
    ASSERT_EQ(got->type, FrameType::ping);
    ASSERT_TRUE(answering->send(frame(FrameType::pong, 0, got->payload)));
    ++pings;
  }
  EXPECT_GE(pings, 2);
  EXPECT_TRUE(answering->closed());
}

TEST_F(SocketTimes, ClientOfOurs_StaysWhileItsWatchIsOpen) {
  SocketLimits limits;
  limits.heartbeat = milliseconds(700);
  limits.idle = milliseconds(2500);
  serve(limits);
  const auto client = connect_socket("carrier");
  std::atomic<int> seen = 0;
  std::thread watcher([&] {
    EXPECT_TRUE(client->watch({}, [&](const v1::StatusEvent&) { return ++seen < 3; }));
  });
  // Longer than every limit: a second client that goes idle measures the time.
  const auto idle = greeted();
  while (const auto got = idle->next()) {
    if (got->type == FrameType::ping) idle->send(frame(FrameType::pong, 0, got->payload));
  }
  EXPECT_TRUE(client->submit(document("woken")));
  watcher.join();
  EXPECT_GE(seen, 3);
}

TEST_F(SocketTimes, PeerThatReadsNothing_IsDropped) {
  SocketLimits limits;
  limits.write_stall = milliseconds(300);
  serve(limits);
  flow_->make_up_events(1'000'000, 4000);
  const auto peer = std::make_unique<Peer>(port(), dir_ / "certs", "carrier");
  peer->small_buffers();
  ASSERT_TRUE(peer->secure());
  ASSERT_TRUE(peer->greet());
  v1::WatchRequest request;
  request.set_after_sequence(1);
  ASSERT_TRUE(peer->send(FrameType::watch, 1, request));
  EXPECT_TRUE(eventually([&] { return door_->connections() == 0; }));
}

using SocketEnds = SocketTest;

TEST_F(SocketEnds, DisconnectAtEveryByteOfASession_LeavesNothingOpen) {
  v1::Hello hello;
  hello.set_version_max(1);
  v1::Credits credits;
  credits.set_filings(1);
  const std::string sender = frame(FrameType::hello, 0, hello) + frame(FrameType::watch, 1, v1::WatchRequest()) +
                             frame(FrameType::submit, 2, "\x08\x01", socket::kMore) +
                             frame(FrameType::submit, 3, document("cut off")) + frame(FrameType::ping, 0, "");
  const std::string filer = frame(FrameType::hello, 0, hello) + frame(FrameType::feed, 1, credits) +
                            frame(FrameType::act, 2, confirmation("TOKEN1"));
  for (const auto& [name, bytes] : {std::pair{"carrier", sender}, std::pair{"broker", filer}}) {
    for (std::size_t at = 0; at <= bytes.size(); at += 7) {
      const auto peer = this->peer(name);
      ASSERT_TRUE(peer->send(bytes.substr(0, at)));
      if (at % 2 == 0) peer->break_off();
    }
  }
  EXPECT_TRUE(eventually([&] { return door_->connections() == 0 && delivery_.sessions_open() == 0; }));
  EXPECT_TRUE(connect_socket("carrier")->submit(document("afterwards")));
}

TEST_F(SocketEnds, HalfClosedConnection_IsAnsweredFirst) {
  const auto peer = greeted();
  ASSERT_TRUE(peer->send(FrameType::submit, 1, document("hold this")));
  ASSERT_TRUE(eventually([&] { return flow_->held() == 1; }));
  peer->say_goodbye();
  flow_->release();
  EXPECT_EQ(peer->expect(FrameType::submit_reply).call, 1u);
  EXPECT_TRUE(peer->closed());
}

TEST_F(SocketEnds, AnswerForAConnectionThatIsGone_HurtsNobody) {
  auto peer = greeted();
  ASSERT_TRUE(peer->send(FrameType::submit, 1, document("hold gone")));
  ASSERT_TRUE(eventually([&] { return flow_->held() == 1; }));
  peer->break_off();
  ASSERT_TRUE(eventually([&] { return door_->connections() == 0; }));
  flow_->release();
  EXPECT_TRUE(connect_socket("carrier")->submit(document("afterwards")));
}

TEST_F(SocketEnds, Drain_AnswersWhatIsInHand_RefusesTheRest_AndCloses) {
  const auto sender = greeted(), filer = greeted("broker");
  ASSERT_TRUE(sender->send(frame(FrameType::watch, 1, v1::WatchRequest()) + frame(FrameType::submit, 2, document("hold"))));
  ASSERT_TRUE(filer->send(FrameType::feed, 1, v1::Credits()));
  ASSERT_TRUE(eventually([&] { return flow_->held() == 1 && delivery_.sessions_open() == 1; }));
  std::thread draining([&] { door_->drain(std::chrono::seconds(60)); });
  sender->expect(FrameType::go_away);
  const Frame watch = sender->expect(FrameType::error);
  EXPECT_EQ(watch.call, 1u);
  ASSERT_TRUE(sender->send(FrameType::submit, 3, document("too late")));
  const Frame late = sender->expect(FrameType::error);
  EXPECT_EQ(late.call, 3u);
  EXPECT_EQ(late.as<v1::Error>().code(), v1::UNAVAILABLE);
  flow_->release();
  EXPECT_EQ(sender->expect(FrameType::submit_reply).call, 2u);
  EXPECT_TRUE(sender->closed());
  filer->expect(FrameType::go_away);
  EXPECT_EQ(filer->expect(FrameType::error).call, 1u);
  EXPECT_TRUE(filer->closed());
  draining.join();
  EXPECT_EQ(door_->connections(), 0u);
  EXPECT_FALSE(try_connect_socket("carrier"));
}

TEST_F(SocketEnds, ConnectionsOverThePartnersLimit_AreClosed) {
  std::vector<std::unique_ptr<Peer>> open;
  for (int index = 0; index < 32; ++index) open.push_back(greeted());
  const auto one_more = this->peer();
  EXPECT_TRUE(one_more->closed());
  EXPECT_TRUE(connect_socket("broker"));
}

}  // namespace
}  // namespace puente::transport::testing
