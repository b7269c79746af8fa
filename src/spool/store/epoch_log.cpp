#include "spool/store/epoch_log.hpp"

#include "spool/store/file_owner.hpp"
#include "spool/store/sealed_line.hpp"
#include "spool/store/storage_cause.hpp"
#include "spool/store/store_keys.hpp"
#include "version/version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <string_view>
#include <unistd.h>

namespace pbxbridge::spool {

namespace {

constexpr std::string_view start_line = "start {:08x} after {:016x} id {:016x}";
constexpr std::string_view format_line = "format {:08x} by {}";
constexpr std::string_view note_line = "newest {:016x} removed {:016x} {}";
/// Starts to keep when the file is written again, and how many make it worth that.
constexpr std::size_t kept_starts = 500;
constexpr std::size_t many_starts = 1000;

/// The words of a line whose checksum holds; else none.
std::vector<std::string_view> words_of(std::string_view line) {
  constexpr std::string_view seal = " crc ";
  const auto end = line.rfind(seal);
  std::vector<std::string_view> words;
  if (end == std::string_view::npos || sealed(std::string(line.substr(0, end))) != line) return words;
  std::string_view rest = line.substr(0, end);
  while (!rest.empty()) {
    words.push_back(rest.substr(0, rest.find(' ')));
    rest.remove_prefix(std::min(rest.size(), words.back().size() + 1));
  }
  return words;
}

std::uint64_t number_of(std::string_view word) {
  std::uint64_t number = 0;
  std::from_chars(word.data(), word.data() + word.size(), number, 16);
  return number;
}

void take_line(std::string_view line, KnownEpochs& known) {
  const auto words = words_of(line);
  if (words.size() == 6 && words[0] == "start") {
    const StartOfSpool start{static_cast<std::uint32_t>(number_of(words[1])), Sequence{number_of(words[3])}};
    known.starts.push_back(start);
    known.id = SpoolId{number_of(words[5])};
    known.newest = std::max(known.newest, start.newest_before);
  } else if (words.size() == 4 && words[0] == "format") {
    const std::uint64_t format = number_of(words[1]);
    if (format >= known.format) known.written_by = words[3];
    known.format = std::max(known.format, format);
  } else if (words.size() == 5 && words[0] == "newest") {
    known.newest = std::max(known.newest, Sequence{number_of(words[1])});
    known.removed = std::max(known.removed, Sequence{number_of(words[3])});
    known.closed = words[4] == "closed";
  }
}

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::string line_of(const StartOfSpool& start, SpoolId id) {
  return sealed(fmt::format(start_line, start.epoch, start.newest_before.value, id.value)) + '\n';
}

/// Makes a line of the same length whatever it says.
std::string line_of(Sequence newest, Sequence removed, bool closed) {
  return sealed(fmt::format(note_line, newest.value, removed.value, closed ? "closed" : "opened")) + '\n';
}

}  // namespace

std::optional<Sequence> KnownEpochs::end_of(std::uint32_t epoch) const {
  const auto next = std::ranges::upper_bound(starts, epoch, {}, &StartOfSpool::epoch);
  const Sequence end = next == starts.end() ? newest : next->newest_before;
  const Sequence none{Sequence::first_of(epoch).value - 1};
  if (next == starts.end() && end < none) return std::nullopt;
  if (end.start_epoch() > epoch) return std::nullopt;
  return std::max(end, none);
}

KnownEpochs EpochLog::read(const std::filesystem::path& spool_directory) {
  KnownEpochs known;
  std::ifstream in(EpochLog(spool_directory).file_, std::ios::binary);
  for (std::string line; std::getline(in, line);) take_line(line, known);
  std::ranges::sort(known.starts, {}, &StartOfSpool::epoch);
  return known;
}

EpochLog::~EpochLog() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> EpochLog::begin(const StartOfSpool& start, SpoolId id, Sequence removed) {
  const auto directory = file_.parent_path();
  KnownEpochs known = read(directory);
  // One without an event tells nothing.
  if (!known.empty() && known.starts.back().newest_before == start.newest_before) known.starts.pop_back();
  std::string text;
  const std::size_t kept = known.starts.size() >= many_starts ? kept_starts : known.starts.size();
  for (std::size_t i = known.starts.size() - kept; i < known.starts.size(); ++i) text += line_of(known.starts[i], id);
  text += line_of(start, id);
  text += sealed(fmt::format(format_line, format_version, version::program())) + '\n';
  const std::size_t note_at = text.size();
  text += line_of(start.newest_before, removed, false);
  const auto fresh = directory / "epochs.new";
  const int descriptor = ::open(fresh.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  const bool written = descriptor >= 0 && write_all(descriptor, text) && ::fsync(descriptor) == 0 &&
                       std::rename(fresh.c_str(), file_.c_str()) == 0 && sync_directory(directory);
  if (!written) {
    const int error = errno;
    if (descriptor >= 0) ::close(descriptor);
    return system_error(fmt::format("cannot write {}", file_.string()), error);
  }
  give_to_owner_of(directory, file_);
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = descriptor;
  note_at_ = static_cast<std::int64_t>(note_at);
  return {};
}

void EpochLog::write_note(Sequence newest, Sequence removed, bool closed) const {
  if (descriptor_ < 0) return;
  const std::string line = line_of(newest, removed, closed);
  // Without it, less is known after damage, and nothing else.
  static_cast<void>(::pwrite(descriptor_, line.data(), line.size(), note_at_) < 0);
}

}  // namespace pbxbridge::spool
