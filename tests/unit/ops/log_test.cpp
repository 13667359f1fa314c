#include "gateway/ops/log.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <thread>
#include <vector>

#include "gateway/ops/json_text.h"

namespace puente::ops {
namespace {

using nlohmann::json;

// Everything the program logged while this lives.
class CapturedLog {
 public:
  CapturedLog() {
    set_log_sink([this](std::string_view line) { lines_.emplace_back(line); });
  }
  ~CapturedLog() { set_log_sink({}); }
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  std::vector<std::string> lines_;
};

TEST(Log_Line, fields_keep_their_json_types_and_order) {
  const std::chrono::system_clock::time_point time{std::chrono::milliseconds(1'772'366'400'123)};
  EXPECT_EQ(render_log_line(LogLevel::info, "started", {{"port", 7}, {"ready", true}, {"partner", "acme"}, {"at", -1L}},
                            time),
            R"({"time":"2026-03-01T12:00:00.123Z","level":"info","event":"started","port":7,"ready":true,)"
            R"("partner":"acme","at":-1})");
}

TEST(Log_HostileText, every_line_is_one_json_object) {
  const std::vector<std::string> fixed{
      "two\nlines",
      "carriage\r\n",
      "\x1b[31mred\x1b[0m",
      std::string("nul\0byte", 8),
      "\xe2\x80\xae"
      "evil",
      "\xff\xfe\x80",
      "\xc0\xaf",
      "\xed\xa0\x80",
      "quote\"and\\slash",
      "\xe2\x80\xa8sep",
      "\xf4\x90\x80\x80",
      "half \xe2\x82",
      "{\"a\":1}",
      "\x7f\xc2\x9b",
      std::string(100'000, 'x'),
      "%n%s{}{0}",
      "\",\"level\":\"x\"",
  };
  CapturedLog captured;
  std::mt19937 random(7);
  std::size_t written = 0;
  const auto write = [&](const std::string& text) {
    log_warn("hostile", {{"text", text}});
    ++written;
  };
  for (const std::string& text : fixed) write(text);
  for (int round = 0; round < 10'000; ++round) {
    std::string text(random() % 400, '\0');
    for (char& byte : text) byte = static_cast<char>(random());
    write(text);
  }
  ASSERT_EQ(captured.lines().size(), written);
  for (const std::string& line : captured.lines()) {
    const json parsed = json::parse(line, nullptr, false);
    ASSERT_TRUE(parsed.is_object()) << line;
    ASSERT_EQ(parsed.size(), 4U);
    ASSERT_EQ(parsed["level"], "warn");
    ASSERT_LE(parsed["text"].get<std::string>().size(), 3 * kLogTextLimit + 3);  // a broken byte becomes three
    for (const char byte : line) ASSERT_GE(static_cast<unsigned char>(byte), 0x20U);
    ASSERT_EQ(line.find("\xe2\x80\xae"), std::string::npos);
  }
}

TEST(Log_LongText, cut_between_characters_at_256_bytes) {
  std::string out;
  append_json_text(out, std::string(255, 'a') + "\xc3\xb1" + "b");
  EXPECT_EQ(out, "\"" + std::string(255, 'a') + "…\"");
}

TEST(Log_Level, below_the_set_level_nothing_is_written) {
  CapturedLog captured;
  log_debug("quiet");
  set_log_level(LogLevel::error);
  log_warn("quiet");
  log_error("heard");
  set_log_level(LogLevel::info);
  ASSERT_EQ(captured.lines().size(), 1U);
  EXPECT_NE(captured.lines()[0].find("\"heard\""), std::string::npos);
  EXPECT_EQ(log_level_from("warn"), LogLevel::warn);
  EXPECT_EQ(log_level_from("loud"), std::nullopt);
}

TEST(Log_ManyThreads, lines_stay_whole) {
  CapturedLog captured;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([thread] {
      for (int line = 0; line < 250; ++line) log_info("line", {{"thread", thread}, {"line", line}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_EQ(captured.lines().size(), 1000U);
  for (const std::string& line : captured.lines()) ASSERT_TRUE(json::accept(line));
}

TEST(Sensitive_InALogLine, prints_a_pseudonym_that_correlates_and_never_the_value) {
  set_pseudonym_key("key of this deployment");
  CapturedLog captured;
  const Sensitive<std::string> rfc("rfc", "EKU9003173C9");
  log_info("sealed", {{"issuer", rfc}});
  log_info("sealed", {{"issuer", rfc}});
  ASSERT_EQ(captured.lines().size(), 2U);
  const json first = json::parse(captured.lines()[0]), second = json::parse(captured.lines()[1]);
  EXPECT_EQ(first["issuer"], second["issuer"]);
  EXPECT_EQ(first["issuer"].get<std::string>().substr(0, 4), "rfc~");
  EXPECT_EQ(first["issuer"].get<std::string>().size(), 10U);
  EXPECT_EQ(captured.lines()[0].find("EKU9003173C9"), std::string::npos);
  EXPECT_EQ(rfc.reveal(), "EKU9003173C9");

  const std::string before = pseudonym("rfc", "EKU9003173C9");
  EXPECT_NE(before.substr(4), pseudonym("plate", "EKU9003173C9").substr(6));
  set_pseudonym_key("another deployment");
  EXPECT_NE(pseudonym("rfc", "EKU9003173C9"), before);
}

}  // namespace
}  // namespace puente::ops
