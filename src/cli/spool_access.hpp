#pragma once

#include "config/config.hpp"
#include "config/sink_sources.hpp"
#include "pbxbridge/event_id.hpp"
#include "spool/store/batch_store.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::cli {

/// Loads the configuration, opens its spool for reading, also while a process uses it, and returns what `use`
/// returns; or the exit code of what is wrong with either, after writing it to `errors`.
int with_open_spool(const std::filesystem::path& configuration_file, config::SinkSources& sources, std::ostream& errors,
                    const std::function<int(const config::Config&, const spool::BatchStore&)>& use);

/// Carries out a change: sends `line` to the process that uses the spool of `config`, or calls `at_rest` where none
/// does, which then has the spool to itself. Returns the count that either answers.
Result<std::uint64_t> change_spool(const config::Config& config, const std::string& line,
                                   const std::function<Result<std::uint64_t>()>& at_rest);

int storage_failure(const Error& error, std::ostream& errors);
/// The exit code that says whether there were any.
int report_damages(const std::vector<spool::Damage>& damages, std::ostream& errors);
int report_damaged_letters(std::uint64_t letters, std::ostream& errors);

std::string sequence_text(Sequence sequence);

}  // namespace pbxbridge::cli
