#pragma once

#include "config/config.hpp"
#include "spool/batch_store.hpp"

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>

namespace pbxbridge::cli {

/// Loads the configuration, opens its spool for reading, beside a process that uses it or not, and returns what `use`
/// returns; or the exit code of what is wrong with either, after it is told on `errors`.
int with_open_spool(const std::filesystem::path& configuration_file, std::ostream& errors,
                    const std::function<int(const config::Config&, const spool::BatchStore&)>& use);

int storage_failure(const Error& error, std::ostream& errors);

}  // namespace pbxbridge::cli
