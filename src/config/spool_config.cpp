#include "config/spool_config.hpp"

#include "config/schema/exposure.hpp"
#include "pbxbridge/config/schema.hpp"

namespace pbxbridge::config {

namespace {

void check_full(const SpoolConfig& spool, const WrittenKeys& written, Report& report) {
  if (spool.type == SpoolType::memory && spool.full == WhenFull::reject_newest)
    report.error(written.location("full"),
                 "`full: reject_newest` is for `type: disk`; a spool in memory always drops the oldest");
}

void check_path(const SpoolConfig& spool, const WrittenKeys& written, Report& report) {
  if (spool.type != SpoolType::disk) return;
  if (const std::string exposed = exposed_to_writers(spool.path); !exposed.empty())
    report.warning(written.location("path"), "path: " + exposed);
}

}  // namespace

std::uint64_t SpoolConfig::max_bytes() const {
  if (max_size) return max_size->bytes;
  return type == SpoolType::disk ? std::uint64_t{2} << 30 : std::uint64_t{64} << 20;
}

const Schema<SpoolConfig>& SpoolConfig::schema() {
  static const auto schema =
      Schema<SpoolConfig>("What holds accepted events until every sink has them.")
          .field("type", &SpoolConfig::type,
                 {.text = "`disk`: an accepted event outlives the process and the machine's power. `memory`: what is "
                          "not delivered when pbxbridge ends is lost, and rejected events are not kept."})
          .field("path", &SpoolConfig::path,
                 {.text = "Directory of the spool on disk, of its own for each pbxbridge; made if it does not exist."})
          .field(
              "max_size", &SpoolConfig::max_size,
              {.text = "Size of the events that wait, 2GiB on disk and 64MiB in memory if not set. A warning comes at "
                       "90 % on disk; beyond it `full` decides what is dropped. The disk needs a fifth more.",
               .minimum = 1024 * 1024,
               .maximum = std::int64_t{1024} * 1024 * 1024 * 1024})
          .field("max_age", &SpoolConfig::max_age,
                 {.text = "Events on disk that are older are dropped for the sinks that lag, counted.",
                  .minimum = 60'000,
                  .maximum = std::int64_t{10} * 365 * 24 * 3600 * 1000})
          .field(
              "sync", &SpoolConfig::sync,
              {.text = "`always`: events are on stable storage before any sink sees them. `interval`: a crash of the "
                       "machine loses what was accepted within `sync_interval`. `none`: it loses what the kernel "
                       "has not written yet, about 30 s. The end of the process alone loses nothing in each case."})
          .field("sync_interval", &SpoolConfig::sync_interval,
                 {.text = "For `sync: interval`.", .minimum = 1, .maximum = 60'000})
          .field(
              "full", &SpoolConfig::full,
              {.text = "At `max_size`: `drop_oldest` drops the oldest events for the sinks that lag, `reject_newest` "
                       "takes no more in until there is room. Both are counted and, on disk, recorded as a gap. A "
                       "spool in memory always drops the oldest."})
          .field(
              "queue_size", &SpoolConfig::queue_size,
              {.text = "Memory for events that wait for the disk. While seven eighths are taken, no PBX is read from. "
                       "Of no effect with `type: memory`.",
               .minimum = 1024 * 1024,
               .maximum = std::int64_t{1024} * 1024 * 1024})
          .field("max_pause", &SpoolConfig::max_pause,
                 {.text =
                      "How long the PBX is not read from at the longest. After that its events are read and dropped "
                      "until there is room, so that it does not end the session; counted, and recorded as a gap. Of no "
                      "effect with `type: memory`, which never pauses it.",
                  .maximum = 60'000})
          .field("dead_letters_max_size", &SpoolConfig::dead_letters_max_size,
                 {.text = "Size of the rejected events kept for each sink; beyond it the oldest are dropped, counted.",
                  .minimum = 64 * 1024,
                  .maximum = std::int64_t{1024} * 1024 * 1024 * 1024})
          .check({"type", "full"}, check_full)
          .check({"type", "path"}, check_path);
  return schema;
}

}  // namespace pbxbridge::config
