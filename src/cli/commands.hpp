#pragma once

// The commands, without the reading of their arguments. Each returns the exit code of the process. `sources` has the
// types of sinks that the configuration may name.

#include "config/sink_sources.hpp"
#include "tap/tap_request.hpp"

#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace pbxbridge::cli {

struct CheckRequest {
  bool json = false;
  bool connect = false;  ///< examine what a configuration without errors names
};

/// One line of what was found on `output`, all problems with their lines on `errors`; or all problems in JSON on
/// `output`. Then a line a finding, on `output`.
int check_command(const std::filesystem::path& configuration_file, config::SinkSources& sources,
                  const CheckRequest& request, std::ostream& output, std::ostream& errors);

struct ExplainRequest {
  std::string events = "-";  ///< a file, or `-` for standard input
  std::string pbx;           ///< empty: the first
  std::string received;      ///< RFC 3339; empty: now
  bool lines = false;        ///< each line is one event, JSON or not
  bool json = false;
};

/// Says what becomes of each event: on `output`, what is none on `errors`.
int explain_command(const std::filesystem::path& configuration_file, config::SinkSources& sources,
                    const ExplainRequest& request, std::istream& standard_input, std::ostream& output,
                    std::ostream& errors);

struct TestRequest {
  std::vector<std::filesystem::path> case_files;
  bool json = false;
};

/// Runs the operator's own tests of a configuration.
int test_command(const std::filesystem::path& configuration_file, config::SinkSources& sources,
                 const TestRequest& request, std::ostream& output, std::ostream& errors);

struct StatusRequest {
  std::string address;  ///< empty: where the configuration has the endpoint listen
  bool json = false;
};

/// Asks the running bridge with that configuration how it is: one sentence, and a line for each further problem.
/// Exit code 0 where all is well.
int status_command(const std::filesystem::path& configuration_file, const StatusRequest& request, std::ostream& output,
                   std::ostream& errors);

struct TopRequest {
  std::string address;  ///< as above
  bool once = false;
  bool json = false;  ///< with `once`
};

/// Shows it each second in the terminal, until `q` or a signal.
int top_command(const std::filesystem::path& configuration_file, const TopRequest& request, std::ostream& output,
                std::ostream& errors);

/// Shows the events of the running bridge with that configuration, and how they end, until a signal or until nobody
/// reads `output`, which is standard output. `json`: as the bridge sends them, a JSON object a line; else notices go to
/// `errors`.
int tap_command(const std::filesystem::path& configuration_file, const tap::TapRequest& request, bool json,
                std::ostream& output, std::ostream& errors);

/// Exit code 0 while it accepts events; for a container's health check.
int health_command(const std::filesystem::path& configuration_file, const std::string& address, std::ostream& output,
                   std::ostream& errors);

struct SpoolRequest {
  enum class Action { stat, list, export_events, verify };
  Action action = Action::stat;
  bool gaps = false;
  bool json = false;
  bool to_terminal = false;  ///< `output` is one: what it would obey is escaped in `export` too
};

/// Looks into the spool of that configuration; changes nothing.
int spool_command(const std::filesystem::path& configuration_file, config::SinkSources& sources,
                  const SpoolRequest& request, std::ostream& output, std::ostream& errors);

struct SalvageRequest {
  std::filesystem::path directory;  ///< with the tables and logs of a store
  bool json = false;
};

/// Puts what the directory holds and the spool of that configuration lacks back into the spool, at rest.
int salvage_command(const std::filesystem::path& configuration_file, config::SinkSources& sources,
                    const SalvageRequest& request, std::ostream& output, std::ostream& errors);

struct ForgetRequest {
  std::string sink;
  bool json = false;
};

/// Drops what the spool of that configuration keeps for a sink that is not in the configuration any more: in the spool
/// at rest, or through the process that uses it.
int forget_command(const std::filesystem::path& configuration_file, config::SinkSources& sources,
                   const ForgetRequest& request, std::ostream& output, std::ostream& errors);

struct DeadLettersRequest {
  enum class Action { list, show, redrive, drop };
  Action action = Action::list;
  std::string sink;    ///< empty: every sink
  std::string letter;  ///< hexadecimal; empty: every letter
  bool all = false;
  bool json = false;
  bool raw = false;  ///< `show`: as it came, also what a terminal obeys
};

/// Changes the spool at rest, or asks the process that uses it to.
int dead_letters_command(const std::filesystem::path& configuration_file, config::SinkSources& sources,
                         const DeadLettersRequest& request, std::ostream& output, std::ostream& errors);

/// Has the running bridge with that configuration send the documents of the state again, and what else brokers keep.
int republish_command(const std::filesystem::path& configuration_file, bool json, std::ostream& output,
                      std::ostream& errors);

enum class Document { asyncapi, configuration, log_codes, manual, metrics, schema, starter };

/// Uses the sink types of `sources`, and of the plug-ins that the configuration lists; empty: there is none, and then
/// no `asyncapi`. `program` has the commands.
int reference_command(Document document, const std::filesystem::path& configuration_file, config::SinkSources& sources,
                      const CLI::App& program, std::ostream& output, std::ostream& errors);

}  // namespace pbxbridge::cli
