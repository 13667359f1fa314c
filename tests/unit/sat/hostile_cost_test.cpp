// What hostile documents cost, one row for each of security section 5.1: at most 2 s of processor time and 64 MiB
// beyond the bytes themselves, no file opened and no connection made. Every attack runs in a process of its own, so
// that its memory can be told.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <netinet/in.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <functional>

#include "tests/unit/sat/documents.h"
#include "tests/unit/sat/sat_files.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PUENTE_TEST_SANITIZED 1
#endif

namespace puente::sat {
namespace {

constexpr std::size_t kMiB = 1024 * 1024;
constexpr double kMostSeconds = 2.0;
constexpr std::size_t kMostMemory = 64 * kMiB;

#ifdef PUENTE_TEST_SANITIZED
constexpr bool kMemoryTells = false;  // a sanitizer's shadow and quarantine are not the reader's memory
constexpr double kSlowdown = 10;
#else
constexpr bool kMemoryTells = true;
constexpr double kSlowdown = 1;
#endif

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

std::string numbered(std::size_t times, const std::function<std::string(const std::string&)>& piece) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += piece(std::to_string(i));
  return out;
}

std::string widened(std::string_view text, std::size_t width, bool big) {
  std::string out;
  for (const char c : text) {
    const std::string zeros(width - 1, '\0');
    out += big ? zeros + c : c + zeros;
  }
  return out;
}

struct Attack {
  std::string name;
  std::string bytes;
  std::string code;  // "": read to its end, whatever is found
};

// `file` and `port`: what the references point at.
std::vector<Attack> attacks(const std::string& file, const std::string& port) {
  const std::string url = "http://127.0.0.1:" + port + "/x";
  const std::string bomb =
      "<!DOCTYPE a [<!ENTITY a0 \"ha\">" +
      numbered(20,
               [](const std::string& i) {
                 const std::string next = std::to_string(std::stoi(i) + 1);
                 return "<!ENTITY a" + next + " \"&a" + i + ";&a" + i + ";&a" + i + ";&a" + i + ";\">";
               }) +
      "]><a>&a20;</a>";
  const std::string quadratic =
      "<!DOCTYPE a [<!ENTITY x \"" + std::string(100'000, 'x') + "\">]><a>" + repeat("&x;", 20'000) + "</a>";
  const std::string hidden = "<!DOCTYPE a [<!ENTITY x SYSTEM \"" + url + "\">]><a>&x;</a>";
  const std::string declaration = "<?xml version=\"1.0\" encoding=\"";
  const std::string invoices = signed_invoice();
  const auto conceptos = [&](const std::string& many) {
    return replace(invoices, "<cfdi:Conceptos>", "<cfdi:Conceptos>" + many);
  };
  return {
      {"external entity of a file", "<!DOCTYPE a [<!ENTITY x SYSTEM \"file://" + file + "\">]><a>&x;</a>",
       "XML_DOCTYPE"},
      {"external entity over HTTP", hidden, "XML_DOCTYPE"},
      {"external DTD of a file", "<!DOCTYPE a SYSTEM \"file://" + file + "\"><a/>", "XML_DOCTYPE"},
      {"external DTD over HTTP", "<!DOCTYPE a SYSTEM \"" + url + "\"><a/>", "XML_DOCTYPE"},
      {"public DTD over HTTP", "<!DOCTYPE a PUBLIC \"-//A//B\" \"" + url + "\"><a/>", "XML_DOCTYPE"},
      {"parameter entity over HTTP", "<!DOCTYPE a [<!ENTITY % p SYSTEM \"" + url + "\">%p;]><a/>", "XML_DOCTYPE"},
      {"schema of no namespace",
       replace(invoices, " Version=",
               " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
               "xsi:noNamespaceSchemaLocation=\"" +
                   url + "\" Version="),
       ""},
      {"schema of a namespace",
       replace(invoices, " Version=",
               " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
               "xsi:schemaLocation=\"http://www.sat.gob.mx/cfd/4 " +
                   url + "\" Version="),
       ""},
      {"schema of a file",
       replace(invoices, " Version=",
               " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
               "xsi:schemaLocation=\"http://www.sat.gob.mx/cfd/4 file://" +
                   file + "\" Version="),
       ""},
      {"style sheet",
       "<?xml-stylesheet type=\"text/xsl\" href=\"" + url + "\"?>" + invoices.substr(invoices.find("?>") + 2), ""},
      {"XInclude",
       "<a xmlns:xi=\"http://www.w3.org/2001/XInclude\"><xi:include parse=\"text\" href=\"file://" + file + "\"/></a>",
       "DOCUMENT_NOT_CFDI"},
      {"entity bomb", bomb, "XML_DOCTYPE"},
      {"quadratic entities", quadratic, "XML_DOCTYPE"},
      {"scanner differential", "<!DOCTYPE a [<!ENTITY x \"]><a>FORGED</a><!--\">]><a>REAL</a>", "XML_DOCTYPE"},
      {"depth 40,000", repeat("<a>", 40'000) + repeat("</a>", 40'000), "XML_TOO_DEEP"},
      {"depth 100,000", repeat("<a>", 100'000) + repeat("</a>", 100'000), "XML_TOO_DEEP"},
      {"depth of all the bytes", repeat("<a>", 10 * kMiB / 3), "XML_TOO_DEEP"},
      {"100,000 attributes", "<a" + numbered(100'000, [](const std::string& i) { return " a" + i + "=\"\""; }) + "/>",
       "XML_TOO_MANY_ATTRIBUTES"},
      {"50,000 prefixes",
       "<a" + numbered(50'000, [](const std::string& i) { return " xmlns:p" + i + "=\"u" + i + "\""; }) + "/>",
       "XML_TOO_MANY_PREFIXES"},
      {"64 MB attribute", "<a b=\"" + std::string(64 * kMiB, 'x') + "\"/>", "XML_TOO_LARGE"},
      {"64 MB comment", "<a><!--" + std::string(64 * kMiB, 'x') + "--></a>", "XML_TOO_LARGE"},
      {"64 MB of lines", std::string(64 * kMiB, '\n') + "<a/>", "XML_TOO_LARGE"},
      {"10 MB of lines", std::string(10 * kMiB - 4, '\n') + "<a/>", "DOCUMENT_NOT_CFDI"},
      {"10 MB comment", "<a><!--" + std::string(10 * kMiB - 14, 'x') + "--></a>", "XML_TOO_MUCH_TEXT"},
      {"10 MB instruction", "<a><?p " + std::string(10 * kMiB - 13, 'x') + "?></a>", "XML_TOO_MUCH_TEXT"},
      {"10 MB text", "<a>" + std::string(10 * kMiB - 7, 'x') + "</a>", "XML_TOO_MUCH_TEXT"},
      {"10 MB of character references", "<a>" + repeat("&#65;", 2 * kMiB - 2) + "</a>", "XML_TOO_MUCH_TEXT"},
      {"10 MB of comments", "<a>" + repeat("<!---->", 10 * kMiB / 7 - 2) + "</a>", ""},
      {"elements of a CFDI", conceptos(repeat("<cfdi:Concepto/>", 190'000)), "ATTRIBUTE_MISSING"},
      {"unknown elements", conceptos(repeat("<x/>", 190'000)), "ELEMENT_UNKNOWN"},
      {"elements, too many", conceptos(repeat("<x/>", 200'001)), "XML_TOO_MANY_ELEMENTS"},
      {"UTF-7 with DOCTYPE", declaration + "UTF-7\"?>+ADwAIQ-DOCTYPE a+AD4APA-a/+AD4-", "XML_ENCODING"},
      {"UTF-16 with DOCTYPE", "\xFF\xFE" + widened(hidden, 2, false), "XML_ENCODING"},
      {"UTF-16 big-endian without a mark", widened(hidden, 2, true), "XML_ENCODING"},
      {"UTF-32", widened(hidden, 4, true), "XML_ENCODING"},
      {"UTF-32 little-endian", widened(hidden, 4, false), "XML_ENCODING"},
      {"UTF-32 with a mark", std::string("\xFF\xFE\0\0", 4) + widened(hidden, 4, false), "XML_ENCODING"},
      {"EBCDIC", "\x4C\x6F\xA7\x94\x93\x40", "XML_ENCODING"},
      {"SCSU", "\x0E\xFE\xFF<a/>", "XML_ENCODING"},
      {"ISO-2022", declaration + "ISO-2022-JP\"?><a>\x1B$B</a>", "XML_ENCODING"},
      {"ISO-2022 without saying so", "<a>\x1B$B</a>", "XML_CONTROL_CHARACTER"},
      {"XML 1.1 control characters", "<?xml version=\"1.1\"?><a>&#1;</a>", "XML_VERSION"},
      {"control character by reference", "<?xml version=\"1.0\"?><a>&#1;</a>", "XML_MALFORMED"},
      {"overlong", "<a b=\"\xC0\xAF\"/>", "XML_NOT_UTF8"},
  };
}

struct Cost {
  double seconds = 0;
  std::size_t memory = 0;
  bool has_code = false;
  bool quiet = true;  // the secret of the file is in no finding
};

constexpr std::string_view kSecret = "the-secret-of-the-file";

std::size_t resident() {
  std::size_t pages = 0, held = 0;
  std::ifstream("/proc/self/statm") >> pages >> held;
  return held * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

Cost cost_of(const Attack& attack) {
  rusage before{}, after{};
  (void)read("first.xml", signed_invoice(), {});  // pages of the program come in again after a fork
  const std::size_t held = resident();
  ::getrusage(RUSAGE_SELF, &before);
  const auto outcome = read("attack.xml", attack.bytes, {});
  ::getrusage(RUSAGE_SELF, &after);
  Cost cost;
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  cost.seconds =
      seconds(after.ru_utime) + seconds(after.ru_stime) - seconds(before.ru_utime) - seconds(before.ru_stime);
  const std::size_t peak = static_cast<std::size_t>(after.ru_maxrss) * 1024;
  // The copy of the bytes that read() was given is the caller's.
  const std::size_t copied = held + attack.bytes.size();
  cost.memory = peak > copied ? peak - copied : 0;
  cost.has_code = attack.code.empty() || outcome.findings.has_code(attack.code);
  for (const auto& finding : outcome.findings)
    if (finding.SerializeAsString().find(kSecret) != std::string::npos) cost.quiet = false;
  return cost;
}

// The cost in a child of this process: what it held before is not counted, and nothing of it comes back but the
// figures.
Cost cost_in_child(const Attack& attack) {
  int ends[2];
  if (::pipe(ends) != 0) return {};
  ::malloc_trim(0);  // what this process has freed would hide what reading takes
  const pid_t child = ::fork();
  if (child == 0) {
    const Cost cost = cost_of(attack);
    const bool told = ::write(ends[1], &cost, sizeof cost) == sizeof cost;
    ::_exit(told ? 0 : 1);
  }
  ::close(ends[1]);
  Cost cost;
  const bool heard = ::read(ends[0], &cost, sizeof cost) == sizeof cost;
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(heard && WIFEXITED(status) && WEXITSTATUS(status) == 0)
      << attack.name << ": the process ended " << status;
  return cost;
}

// A port of this machine that counts who connects.
class Listener {
 public:
  Listener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0 && ::listen(socket_, 16) == 0 &&
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0)
      port_ = ntohs(address.sin_port);
  }
  ~Listener() { ::close(socket_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  int port() const { return port_; }
  bool somebody_came() const {
    const int peer = ::accept(socket_, nullptr, nullptr);
    if (peer >= 0) ::close(peer);
    return peer >= 0;
  }

 private:
  int socket_, port_ = 0;
};

// A file that tells whether somebody opened it.
class WatchedFile {
 public:
  WatchedFile()
      : path_(std::filesystem::temp_directory_path() / ("puente-secret-" + std::to_string(::getpid()))),
        watch_(::inotify_init1(IN_NONBLOCK)) {
    std::ofstream(path_) << kSecret;
    ready_ = ::inotify_add_watch(watch_, path_.c_str(), IN_OPEN | IN_ACCESS) >= 0;
  }
  ~WatchedFile() {
    ::close(watch_);
    std::filesystem::remove(path_);
  }
  WatchedFile(const WatchedFile&) = delete;
  WatchedFile& operator=(const WatchedFile&) = delete;
  const std::filesystem::path& path() const { return path_; }
  bool ready() const { return ready_; }
  bool somebody_opened() const {
    char events[4096];
    return ::read(watch_, events, sizeof events) > 0;
  }

 private:
  std::filesystem::path path_;
  int watch_;
  bool ready_ = false;
};

TEST(Read_HostileInput, CostsLittleAndTouchesNothing) {
  const Listener listener;
  const WatchedFile file;
  ASSERT_NE(listener.port(), 0);
  ASSERT_TRUE(file.ready());
  ASSERT_EQ(read("first.xml", signed_invoice(), {}).stages.xml,
            Stage::pass);  // the parser's own start is nobody's attack
  for (const Attack& attack : attacks(file.path().string(), std::to_string(listener.port()))) {
    SCOPED_TRACE(attack.name);
    const Cost cost = cost_in_child(attack);
    EXPECT_TRUE(cost.has_code) << attack.code;
    EXPECT_TRUE(cost.quiet);
    EXPECT_LE(cost.seconds, kMostSeconds * kSlowdown);
    if (kMemoryTells) {
      EXPECT_LE(cost.memory, kMostMemory);
    }
    EXPECT_FALSE(listener.somebody_came());
    EXPECT_FALSE(file.somebody_opened());
    RecordProperty(attack.name, std::to_string(cost.seconds) + " s, " + std::to_string(cost.memory / kMiB) + " MiB");
    if (std::getenv("PUENTE_FIGURES") != nullptr)
      std::printf("%-40s %8.3f s %6zu MiB\n", attack.name.c_str(), cost.seconds, cost.memory / kMiB);
  }
  // And that the watches do see what they watch for.
  EXPECT_EQ(read_file(file.path()), kSecret);
  EXPECT_TRUE(file.somebody_opened());
  const int caller = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(listener.port()));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(caller, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_TRUE(listener.somebody_came());
  ::close(caller);
}

// A large honest document: about 10 MiB of goods in a Carta Porte. Each of them costs as much as the ones before.
std::string waybill_of(std::size_t goods, std::size_t bytes) {
  const std::string text = replace(
      read_file(PUENTE_SOURCE_DIR "/tests/support/samples/carta-porte-electronics.xml"),
      " Version=", " Sello=\"c2VsbG8=\" NoCertificado=\"30001000000500003416\" Certificado=\"Y2VydA==\" Version=");
  const auto begin = text.find("<cartaporte31:Mercancia ");
  const std::string_view last = "</cartaporte31:Mercancia>";
  const auto end = text.rfind(last) + last.size();
  std::string one = text.substr(begin, text.find(last, begin) + last.size() - begin);
  if (const std::size_t wanted = (bytes - text.size()) / goods; wanted > one.size())
    one.insert(one.find("Descripcion=\"") + 13, std::string(std::min<std::size_t>(wanted - one.size(), 900), 'D'));
  std::string many = text.substr(0, begin);
  many.reserve(text.size() + goods * one.size());
  for (std::size_t i = 0; i < goods; ++i) many += one;
  many += text.substr(end);
  const auto at = many.find("NumTotalMercancias=\"") + 20;
  return many.replace(at, many.find('"', at) - at, std::to_string(goods));
}

TEST(Read_TwentyThousandMercancias, CostsLittleAndInProportion) {
  constexpr std::size_t kGoods = 20'000, kBytes = 10 * kMiB - 4096;
  const auto outcome = read("large.xml", waybill_of(kGoods, kBytes), {});
  EXPECT_EQ(outcome.stages.structure, Stage::pass) << codes(outcome.findings);
  EXPECT_NE(outcome.stages.rules, Stage::unknown);
  const Cost small = cost_in_child({"2,000 mercancias", waybill_of(kGoods / 10, kBytes / 10), ""});
  const Cost large = cost_in_child({"20,000 mercancias", waybill_of(kGoods, kBytes), ""});
  EXPECT_LE(large.seconds, 1.5 * kSlowdown);
  EXPECT_LE(large.seconds, 10 * small.seconds * 1.5 + 0.05);
  if (kMemoryTells) {
    EXPECT_LE(large.memory, 200 * kMiB);
  }
  if (std::getenv("PUENTE_FIGURES") != nullptr)
    std::printf("2,000 mercancias: %.3f s %zu MiB; 20,000: %.3f s %zu MiB\n", small.seconds, small.memory / kMiB,
                large.seconds, large.memory / kMiB);
}

}  // namespace
}  // namespace puente::sat
