#pragma once

#include "config/config.hpp"
#include "spool/batch_store.hpp"

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>

namespace pbxbridge::cli {

/// Loads the configuration and calls `use` with it; returns its exit code, or that of what is wrong with the
/// configuration, after it is told on `errors`.
int with_disk_spool(const std::filesystem::path& configuration_file, std::ostream& errors,
                    const std::function<int(const config::Config&)>& use);

/// The same with the spool open for reading, beside a process that uses it or not.
int with_open_spool(const std::filesystem::path& configuration_file, std::ostream& errors,
                    const std::function<int(const config::Config&, const spool::BatchStore&)>& use);

int storage_failure(const Error& error, std::ostream& errors);

}  // namespace pbxbridge::cli
