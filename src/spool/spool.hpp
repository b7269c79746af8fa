#pragma once

#include "config/spool_config.hpp"
#include "observe/log.hpp"
#include "pbxbridge/error.hpp"
#include "spool/dead_letters/dead_letter_office.hpp"
#include "spool/event_log.hpp"
#include "spool/gaps/gap_record.hpp"
#include "spool/spool_metrics.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <vector>

namespace pbxbridge::spool {

/// The roles of the one spool that keeps this process's events. A spool in memory has the first alone.
struct Spool {
  std::unique_ptr<EventLog> events;
  DeadLetterOffice* letters = nullptr;  ///< of `events`; null: what a sink rejects is lost to it
  GapRecord* gaps = nullptr;            ///< likewise; null: gaps are not recorded
  std::vector<TableRow> rows;           ///< of the tables, as of the newest event when it was opened
};

/// The spool that the configuration asks for. The error says what is wrong with it, and who uses it if that is it.
/// What is passed outlives it.
Result<Spool> open_spool(boost::asio::io_context& io, const config::SpoolConfig& config, observe::Log& log,
                         SpoolMetrics& metrics);

}  // namespace pbxbridge::spool
