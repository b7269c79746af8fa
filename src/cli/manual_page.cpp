#include "cli/manual_page.hpp"

#include "version/version.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <string_view>
#include <vector>

namespace pbxbridge::cli {

namespace {

/// Text as roff prints it: a backslash and a dash are characters of their own, and no line begins a request.
std::string roff(std::string_view text) {
  std::string out;
  bool at_beginning = true;
  for (const char character : text) {
    if (at_beginning && (character == '.' || character == '\'')) out += "\\&";
    if (character == '\\')
      out += "\\e";
    else if (character == '-')
      out += "\\-";
    else
      out += character;
    at_beginning = character == '\n';
  }
  return out;
}

std::string value_of(const CLI::Option& option) {
  if (option.get_items_expected_max() == 0) return {};
  const std::string type = option.get_type_name();
  return fmt::format(" \\fI{}\\fR", roff(type.substr(0, type.find_first_of("(:{"))));
}

std::string name_of(const CLI::Option& option) {
  if (option.get_positional()) return fmt::format("\\fI{}\\fR", roff(option.get_name(true)));
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  for (std::string& name : names) name = fmt::format("\\fB{}\\fR", roff(name));
  return fmt::format("{}{}", fmt::join(names, ", "), value_of(option));
}

std::string options_of(const CLI::App& command) {
  std::string out;
  for (const CLI::Option* option : command.get_options())
    out += fmt::format(".TP\n{}\n{}\n", name_of(*option), roff(option->get_description()));
  return out;
}

/// A section for each command that has no others below it.
std::string commands_of(const CLI::App& command, const std::string& path) {
  const auto children = command.get_subcommands([](const CLI::App*) { return true; });
  if (children.empty())
    return fmt::format(".SS {}\n{}.\n{}", roff(path), roff(command.get_description()), options_of(command));
  std::string out;
  for (const CLI::App* child : children) out += commands_of(*child, path + " " + child->get_name());
  return out;
}

constexpr std::string_view rest = R"(.SH SIGNALS
.TP
SIGTERM, SIGINT
Accepts no more events, delivers what waits for up to \fBshutdown_timeout\fR, ends. A second one ends it at once.
.TP
SIGHUP
Opens the files of sinks again and reads the configuration again.
.SH EXIT STATUS
.TP
0
Stopped as asked; of \fBstatus\fR and \fBhealth\fR: all is well.
.TP
1
Failed unexpectedly, or its output could not be written; of \fBstatus\fR and \fBhealth\fR: not all is well; of \fBtest\fR: a case failed; of
\fBexplain\fR: an event cannot be read.
.TP
64
The command line is wrong.
.TP
69
Of \fBcheck --connect\fR: something was not reached, or it rejects what it is needed for.
.TP
74
The spool cannot be opened, its disk has failed, or damage was found in it.
.TP
78
The configuration has errors, or the admin endpoint cannot listen.
.SH FILES
.TP
/etc/pbxbridge/pbxbridge.yaml
The configuration that the service reads.
.TP
/var/lib/pbxbridge
The spool, unless the configuration names another place.
)";

}  // namespace

std::string manual_page(const CLI::App& program) {
  return fmt::format(
      ".TH PBXBRIDGE 1 \"\" \"pbxbridge {}\" \"User Commands\"\n.SH NAME\npbxbridge \\- bridge the events of a PBX to "
      "Kafka, MQTT and AMQP\n.SH SYNOPSIS\n.B pbxbridge\n\\fICOMMAND\\fR [\\fIOPTION\\fR]...\n.SH DESCRIPTION\n{}\n.SH "
      "OPTIONS\n{}.SH COMMANDS\n{}{}",
      roff(version::program()), roff(program.get_description()), options_of(program),
      commands_of(program, program.get_name()), rest);
}

}  // namespace pbxbridge::cli
