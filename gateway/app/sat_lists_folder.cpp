#include "gateway/app/sat_lists_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <map>

#include "gateway/app/files.h"
#include "gateway/ledger/packing.h"

namespace puente::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargest = 256UL << 20U;  // bytes of one list's CSV
constexpr std::string_view kCurrent = "current";
constexpr std::string_view kEmbeddedOn = "2026-08-06";  // mappings/catalogs/data/README.md

Fault unreadable(const fs::path& file, std::string_view why) {
  return {FaultKind::permanent, "list_unreadable", file.string() + ": " + std::string(why)};
}

Result<std::string> unpack_gzip(const fs::path& file, const std::string& packed) {
  z_stream stream{};
  constexpr int kGzip = 16;
  if (inflateInit2(&stream, kGzip + MAX_WBITS) != Z_OK) return tl::unexpected(unreadable(file, "zlib"));
  const std::unique_ptr<z_stream, decltype(&inflateEnd)> ended(&stream, inflateEnd);
  std::string out;
  std::array<char, 1UL << 16U> buffer;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));  // zlib reads it only
  stream.avail_in = static_cast<uInt>(packed.size());
  for (int state = Z_OK; state != Z_STREAM_END;) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    state = inflate(&stream, Z_NO_FLUSH);
    out.append(buffer.data(), buffer.size() - stream.avail_out);
    if (out.size() > kLargest) return tl::unexpected(unreadable(file, "too large"));
    if (state != Z_OK && state != Z_STREAM_END) return tl::unexpected(unreadable(file, "not gzip, or cut off"));
  }
  return out;
}

Result<std::string> unpack_zstd(const fs::path& file, const std::string& packed) {
  const std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream(ZSTD_createDStream(), ZSTD_freeDStream);
  std::string out;
  std::array<char, 1UL << 16U> buffer;
  ZSTD_inBuffer in{packed.data(), packed.size(), 0};
  std::size_t left = 1;  // 0: a frame has ended
  while (in.pos < in.size || left != 0) {
    ZSTD_outBuffer to{buffer.data(), buffer.size(), 0};
    const std::size_t before = in.pos;
    left = ZSTD_decompressStream(stream.get(), &to, &in);
    if (ZSTD_isError(left) != 0) return tl::unexpected(unreadable(file, "not zstd"));
    out.append(buffer.data(), to.pos);
    if (out.size() > kLargest) return tl::unexpected(unreadable(file, "too large"));
    if (in.pos == in.size && in.pos == before && to.pos == 0 && left != 0)
      return tl::unexpected(unreadable(file, "cut off"));
  }
  return out;
}

struct Form {
  std::string_view extension;
  Result<std::string> (*unpack)(const fs::path&, const std::string&);
};
constexpr Form kForms[] = {
    {".csv", [](const fs::path&, const std::string& bytes) -> Result<std::string> { return bytes; }},
    {".csv.gz", unpack_gzip},
    {".csv.zst", unpack_zstd}};

// The files of a folder that are lists, by the name of the list. Two forms of one list: the fault input_invalid.
Result<std::map<std::string, fs::path>> list_files(const fs::path& folder) {
  std::map<std::string, fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string file = entry->path().filename().string();
    const std::string name = file.substr(0, file.find('.'));
    const bool known =
        std::ranges::any_of(kForms, [&](const Form& form) { return file == name + std::string(form.extension); });
    if (!known || !catalogs::sat_list_index(name)) continue;
    if (!files.emplace(name, entry->path()).second)
      return permanent("input_invalid", folder.string() + ": " + name + " comes twice");
  }
  if (error) return permanent("cannot_open", folder.string() + ": " + error.message());
  return files;
}

Result<std::string> csv_of(const fs::path& file, const std::string& name) {
  auto bytes = read_file(file, kLargest);
  if (!bytes) return bytes;
  const std::string extension = file.filename().string().substr(name.size());
  const auto form = std::ranges::find(kForms, extension, &Form::extension);
  return form->unpack(file, *bytes);
}

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes)
    for (const int shift : {4, 0}) out += "0123456789abcdef"[static_cast<unsigned char>(c) >> shift & 15];
  return out;
}

std::string day_of(const fs::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return "";
  return to_string(
      Date(std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds(std::chrono::seconds(status.st_mtime)))));
}

struct ReadList {
  std::shared_ptr<const catalogs::SatList> list;
  std::string csv;
};

Result<ReadList> read_list(const std::string& name, const fs::path& file) {
  auto csv = csv_of(file, name);
  if (!csv) return tl::unexpected(csv.error());
  auto list = catalogs::SatList::parse(name, *csv);
  if (!list) return permanent(list.error().code, file.parent_path().string() + "/" + list.error().text);
  return ReadList{std::move(*list), std::move(*csv)};
}

ListOnFile describe(const ReadList& read, const fs::path& file) {
  return {std::string(read.list->kind().name),
          read.list->rows(),
          hex(ledger::sha256(read.csv)),
          day_of(file),
          read.list->memory(),
          false};
}

Fault cannot_write(const fs::path& file, std::string_view what) {
  return {FaultKind::permanent, "cannot_write", file.string() + ": " + std::string(what)};
}

Result<void> flush_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool flushed = descriptor >= 0 && ::fsync(descriptor) == 0;
  if (descriptor >= 0) ::close(descriptor);
  if (!flushed) return tl::unexpected(cannot_write(folder, "could not be brought to the disk"));
  return {};
}

// Held while a load is under way; the system lets go of it when the process ends, however that is.
class LoadLock {
 public:
  explicit LoadLock(const fs::path& folder)
      : descriptor_(::open((folder / ".lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600)) {
    held_ = descriptor_ >= 0 && ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0;
  }
  ~LoadLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  LoadLock(const LoadLock&) = delete;
  LoadLock& operator=(const LoadLock&) = delete;
  bool opened() const { return descriptor_ >= 0; }
  bool held() const { return held_; }

 private:
  int descriptor_;
  bool held_ = false;
};

std::string pack(const std::string& csv) {
  std::string out(ZSTD_compressBound(csv.size()), '\0');
  constexpr int kLevel = 9;
  out.resize(ZSTD_compress(out.data(), out.size(), csv.data(), csv.size(), kLevel));
  return out;
}

// A generation's folder whose name is not taken: the next number.
fs::path next_generation(const fs::path& folder) {
  unsigned long last = 0;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (!name.empty() && name.find_first_not_of("0123456789") == std::string::npos && name.size() < 10)
      last = std::max(last, std::stoul(name));
  }
  return folder / std::to_string(last + 1);
}

// The one before stays: a reader may be at it.
void remove_old_generations(const fs::path& folder, const fs::path& now, const fs::path& before) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos || entry.path() == now || entry.path() == before)
      continue;
    std::error_code ignored;  // the next load tries again
    fs::remove_all(entry.path(), ignored);
  }
}

}  // namespace

ListsOnFile embedded_sat_lists() {
  ListsOnFile out{catalogs::SatLists::embedded(), {}};
  for (const catalogs::SatListKind& kind : catalogs::sat_list_kinds())
    if (const catalogs::SatList* list = out.lists->list(kind.name))
      out.list.push_back({std::string(kind.name), list->rows(),
                          hex(ledger::sha256(catalogs::embedded_sat_list(kind.name))), std::string(kEmbeddedOn),
                          list->memory(), true});
  return out;
}

Result<ListsOnFile> read_sat_lists(const fs::path& folder) {
  std::error_code error;
  const fs::path generation = fs::exists(folder / kCurrent, error) ? fs::canonical(folder / kCurrent, error) : folder;
  if (error) return permanent("cannot_open", folder.string() + ": " + error.message());
  const auto files = list_files(generation);
  if (!files) return tl::unexpected(files.error());
  ListsOnFile out = embedded_sat_lists();
  std::vector<std::shared_ptr<const catalogs::SatList>> loaded;
  for (const auto& [name, file] : *files) {
    auto read = read_list(name, file);
    if (!read) return tl::unexpected(read.error());
    const auto place = std::ranges::lower_bound(out.list, name, {}, &ListOnFile::name);
    if (place != out.list.end() && place->name == name)
      *place = describe(*read, file);
    else
      out.list.insert(place, describe(*read, file));
    loaded.push_back(std::move(read->list));
  }
  out.lists = catalogs::SatLists::with(loaded);
  return out;
}

Result<std::vector<ListOnFile>> load_sat_lists(const fs::path& folder, const fs::path& source) {
  const auto files = list_files(source);
  if (!files) return tl::unexpected(files.error());
  if (files->empty())
    return permanent("input_invalid", source.string() + ": no list of the SAT (c_*.csv, .csv.gz, .csv.zst)");
  std::error_code error;
  fs::create_directories(folder, error);
  const LoadLock lock(folder);
  if (!lock.opened()) return tl::unexpected(cannot_write(folder, "not a folder that can be written"));
  if (!lock.held()) return retryable("busy", folder.string() + ": another load is under way");

  std::vector<ListOnFile> put;
  const fs::path old =
      fs::exists(folder / kCurrent, error) ? folder / fs::read_symlink(folder / kCurrent, error) : fs::path();
  const fs::path generation = next_generation(folder);
  if (fs::create_directory(generation, error); error) return tl::unexpected(cannot_write(generation, error.message()));
  const auto fill = [&]() -> Result<void> {
    for (const auto& [name, file] : *files) {
      const auto read = read_list(name, file);
      if (!read) return tl::unexpected(read.error());
      const fs::path target = generation / (name + ".csv.zst");
      if (auto written = write_new_file(target, pack(read->csv), 0644); !written) return written;
      put.push_back(describe(*read, target));
    }
    if (!fs::exists(folder / kCurrent, error)) return flush_folder(generation);
    const auto before = list_files(folder / kCurrent);
    if (!before) return tl::unexpected(before.error());
    for (const auto& [name, file] : *before) {
      if (files->contains(name)) continue;
      fs::create_hard_link(file, generation / file.filename(), error);
      if (error) return tl::unexpected(cannot_write(generation / file.filename(), error.message()));
    }
    return flush_folder(generation);
  };
  const fs::path link = folder / ".next";
  auto filled = fill();
  if (filled) {
    fs::remove(link, error);
    fs::create_directory_symlink(generation.filename(), link, error);
    if (!error) fs::rename(link, folder / kCurrent, error);
    if (error) filled = tl::unexpected(cannot_write(folder / kCurrent, error.message()));
  }
  if (!filled) {
    fs::remove_all(generation, error);
    return tl::unexpected(filled.error());
  }
  if (auto flushed = flush_folder(folder); !flushed) return tl::unexpected(flushed.error());
  remove_old_generations(folder, generation, old);
  return put;
}

}  // namespace puente::app
