#pragma once

// The commands, without the reading of their arguments. Each returns the exit code of the process.

#include <filesystem>
#include <iosfwd>

namespace pbxbridge::cli {

/// One line of what was found on `output`, all problems on `errors`.
int check_command(const std::filesystem::path& configuration_file, std::ostream& output, std::ostream& errors);

enum class Document { configuration, log_codes, metrics, schema, starter };

int reference_command(Document document, std::ostream& output);

}  // namespace pbxbridge::cli
