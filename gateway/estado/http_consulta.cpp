// libcurl stays in this file.
#include "gateway/estado/http_consulta.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <deque>
#include <list>
#include <mutex>
#include <thread>
#include <utility>

namespace puente::estado {
namespace {

using std::chrono::steady_clock;

constexpr int kPollMillis = 1000;
constexpr long kConnections = 8;  // open at once; more questions wait for one, within their deadline

struct Question {
  std::string expression;
  steady_clock::time_point deadline;
  Consulta::Done done;
};

struct EasyEnd {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct HeadersEnd {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// One question on its way.
struct Exchange {
  std::unique_ptr<CURL, EasyEnd> easy;
  std::string request, answer;
  Consulta::Done done;
  bool too_large = false, simulated = false;
};

bool starts_with_name(std::string_view header, std::string_view name) {
  const auto lower = [](unsigned char c) { return std::tolower(c); };
  return header.size() > name.size() && header[name.size()] == ':' &&
         std::equal(name.begin(), name.end(), header.begin(), [&](char a, char b) {
           return lower(static_cast<unsigned char>(a)) == lower(static_cast<unsigned char>(b));
         });
}

std::size_t take_answer(char* bytes, std::size_t size, std::size_t count, void* of) {
  auto& exchange = *static_cast<Exchange*>(of);
  if (exchange.answer.size() + size * count > sat::kConsultaBytes) {
    exchange.too_large = true;
    return 0;  // ends the exchange
  }
  exchange.answer.append(bytes, size * count);
  return size * count;
}

std::size_t take_header(char* bytes, std::size_t size, std::size_t count, void* of) {
  auto& exchange = *static_cast<Exchange*>(of);
  exchange.simulated = exchange.simulated || starts_with_name({bytes, size * count}, kSimulatorHeader);
  return size * count;
}

class HttpConsulta final : public Consulta {
 public:
  HttpConsulta(HttpConsultaOptions options, CURLM* multi) : options_(std::move(options)), multi_(multi) {
    for (const std::string& header : {std::string("Content-Type: text/xml; charset=utf-8"),
                                      "SOAPAction: \"" + std::string(sat::kConsultaAction) + "\"",
                                      std::string("Accept: text/xml"), std::string("Expect:")})
      headers_.reset(curl_slist_append(headers_.release(), header.c_str()));
    curl_multi_setopt(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS, kConnections);
    curl_multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
    thread_ = std::thread([this] { run(); });
  }
  ~HttpConsulta() override {
    stop();
    curl_multi_cleanup(multi_);
  }

  void ask(std::string expression, std::chrono::milliseconds deadline, Done done) override {
    {
      const std::lock_guard lock(mutex_);
      if (!stopping_) {
        asked_.push_back({std::move(expression), steady_clock::now() + deadline, std::move(done)});
        curl_multi_wakeup(multi_);
        return;
      }
    }
    done(retryable("consulta_stopped", "the gateway is shutting down"));
  }

  void stop() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      curl_multi_wakeup(multi_);
    }
    const std::lock_guard lock(joining_);
    if (thread_.joinable()) thread_.join();
  }

 private:
  void run() {
    for (int running = 0;;) {
      std::deque<Question> fresh;
      bool stopping = false;
      {
        const std::lock_guard lock(mutex_);
        fresh.swap(asked_);
        stopping = stopping_;
      }
      for (auto& question : fresh) begin(std::move(question));
      if (stopping) break;
      curl_multi_perform(multi_, &running);
      finish();
      curl_multi_poll(multi_, nullptr, 0, kPollMillis, nullptr);
    }
    while (!under_way_.empty()) end(under_way_.begin(), retryable("consulta_stopped", "the gateway is shutting down"));
  }

  void begin(Question question) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(question.deadline - steady_clock::now());
    if (left.count() <= 0) {
      question.done(retryable("consulta_late", "no time was left to ask"));
      return;
    }
    auto& exchange = under_way_.emplace_back();
    exchange.easy.reset(curl_easy_init());
    exchange.request = sat::consulta_request(question.expression);
    exchange.done = std::move(question.done);
    if (!exchange.easy || !prepare(exchange, left) || curl_multi_add_handle(multi_, exchange.easy.get()) != CURLM_OK)
      end(std::prev(under_way_.end()), retryable("consulta_failed", "the exchange could not be begun"));
  }

  bool prepare(Exchange& exchange, std::chrono::milliseconds left) const {
    CURL* const easy = exchange.easy.get();
    bool set = true;
    const auto put = [&](CURLoption option, auto value) {
      set = set && curl_easy_setopt(easy, option, value) == CURLE_OK;
    };
    put(CURLOPT_URL, options_.url.c_str());
    put(CURLOPT_PROTOCOLS_STR, "http,https");
    put(CURLOPT_PROXY, options_.proxy.c_str());  // "" is none, whatever the environment says
    put(CURLOPT_NOPROXY, "");
    put(CURLOPT_HTTPHEADER, headers_.get());
    put(CURLOPT_USERAGENT, "puente");
    put(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    put(CURLOPT_POST, 1L);
    put(CURLOPT_POSTFIELDS, exchange.request.data());
    put(CURLOPT_POSTFIELDSIZE, static_cast<long>(exchange.request.size()));
    put(CURLOPT_FOLLOWLOCATION, 0L);
    put(CURLOPT_NOSIGNAL, 1L);
    put(CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
    put(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(left.count()));
    put(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!options_.authorities.empty()) {
      curl_blob blob{const_cast<char*>(options_.authorities.data()), options_.authorities.size(), CURL_BLOB_NOCOPY};
      put(CURLOPT_CAINFO_BLOB, &blob);
      put(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
    }
    put(CURLOPT_WRITEFUNCTION, &take_answer);
    put(CURLOPT_WRITEDATA, static_cast<void*>(&exchange));
    put(CURLOPT_HEADERFUNCTION, &take_header);
    put(CURLOPT_HEADERDATA, static_cast<void*>(&exchange));
    put(CURLOPT_PRIVATE, static_cast<void*>(&exchange));
    return set;
  }

  void finish() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode code = message->data.result;
      const auto over = std::find_if(under_way_.begin(), under_way_.end(), [&](const Exchange& exchange) {
        return exchange.easy.get() == message->easy_handle;
      });
      if (over != under_way_.end()) end(over, outcome(*over, code));
    }
  }

  Result<sat::Estado> outcome(const Exchange& exchange, CURLcode code) const {
    if (exchange.too_large) return retryable("consulta_malformed", "an answer that is too large");
    if (code == CURLE_OPERATION_TIMEDOUT) return retryable("consulta_late", "no answer within the deadline");
    if (code != CURLE_OK) return retryable("consulta_unreachable", curl_easy_strerror(code));
    if (exchange.simulated && options_.refuse_simulators)
      return permanent("consulta_simulated", "a simulator answered, which production refuses");
    long status = 0;
    curl_easy_getinfo(exchange.easy.get(), CURLINFO_RESPONSE_CODE, &status);
    constexpr long kOk = 200;
    if (status != kOk) return retryable("consulta_http", "HTTP status " + std::to_string(status));
    return sat::read_consulta(exchange.answer);
  }

  void end(std::list<Exchange>::iterator exchange, Result<sat::Estado> answer) {
    const auto done = std::move(exchange->done);
    if (exchange->easy) curl_multi_remove_handle(multi_, exchange->easy.get());
    under_way_.erase(exchange);
    done(std::move(answer));
  }

  const HttpConsultaOptions options_;
  CURLM* const multi_;
  std::unique_ptr<curl_slist, HeadersEnd> headers_;
  std::list<Exchange> under_way_;  // of the thread alone

  std::mutex mutex_;
  std::deque<Question> asked_;
  bool stopping_ = false;

  std::mutex joining_;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<Consulta>> make_http_consulta(HttpConsultaOptions options) {
  static const bool started = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  CURLM* const multi = started ? curl_multi_init() : nullptr;
  if (multi == nullptr) return permanent("consulta_failed", "libcurl could not be started");
  return std::make_unique<HttpConsulta>(std::move(options), multi);
}

}  // namespace puente::estado
