#pragma once

namespace pbxbridge::cli {

/// Opens /dev/null for each of the standard streams that is closed. Otherwise the next socket or file that is opened
/// would get its number, and the log would be written into it. Before anything else is opened.
/// What is written to a standard output that was closed fails.
void open_closed_standard_streams();

}  // namespace pbxbridge::cli
