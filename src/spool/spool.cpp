#include "spool/spool.hpp"

#include "spool/disk_spool.hpp"
#include "spool/memory_spool.hpp"

#include <utility>

namespace pbxbridge::spool {

Result<Spool> open_spool(boost::asio::io_context& io, const config::SpoolConfig& config, observe::Log& log,
                         SpoolMetrics& metrics) {
  Spool spool;
  if (config.type == config::SpoolType::memory) {
    spool.events = std::make_unique<MemorySpool>(config.max_bytes());
    metrics.writable.set(1);
    return spool;
  }
  auto opened = DiskSpool::open(io, config, log, metrics);
  if (!opened) return opened.error();
  spool.letters = &opened.value()->letters();
  spool.gaps = opened.value().get();
  spool.rows = opened.value()->take_tables();
  spool.events = std::move(opened.value());
  return spool;
}

}  // namespace pbxbridge::spool
