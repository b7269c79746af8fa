#include "simulator/server/ledger.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <xxhash.h>

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace pbxbridge::sim {

namespace {

std::int64_t unix_microseconds() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

[[noreturn]] void fail(const std::filesystem::path& file) {
  throw std::system_error(errno, std::generic_category(), "ledger " + file.string());
}

}  // namespace

Ledger::Ledger(const std::filesystem::path& file)
    : file_(file), descriptor_(::open(file.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_APPEND | O_CLOEXEC, 0644)) {
  if (descriptor_ < 0) fail(file_);
}

Ledger::~Ledger() { ::close(descriptor_); }

void Ledger::pushed(std::uint64_t client, std::string_view frame, const Topic* topic) {
  const auto hash = XXH3_128bits(frame.data(), frame.size());
  write(fmt::format(R"({{"client":{},"time_us":{},"sequence":{},"topic":"{}","bytes":{},"xxh128":"{:016x}{:016x}"}})"
                    "\n",
                    client, unix_microseconds(), ++last_sequence_, topic == nullptr ? "" : topic->name, frame.size(),
                    hash.high64, hash.low64));
}

void Ledger::happened(std::uint64_t client, std::string_view what) {
  const auto text = nlohmann::json(what).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  write(fmt::format(R"({{"client":{},"time_us":{},"what":{}}})"
                    "\n",
                    client, unix_microseconds(), text));
}

void Ledger::unheard(std::string_view event) { of_model("unheard", event); }

void Ledger::state(std::string_view part) { of_model("state", part); }

void Ledger::of_model(std::string_view what, std::string_view object) const {
  write(fmt::format(R"({{"time_us":{},"{}":{}}})"
                    "\n",
                    unix_microseconds(), what, object));
}

void Ledger::write(const std::string& line) const {
  const auto written = ::write(descriptor_, line.data(), line.size());
  if (written == static_cast<ssize_t>(line.size())) return;
  if (written >= 0) errno = ENOSPC;
  fail(file_);
}

std::string with_number(std::string_view event, std::uint64_t number) {
  event.remove_suffix(1);
  return fmt::format(R"({},"event_number":{}}})", event, number);
}

}  // namespace pbxbridge::sim
