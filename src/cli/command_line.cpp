#include "cli/command_line.hpp"

#include "app/core_dumps.hpp"
#include "app/run.hpp"
#include "app/signal_watch.hpp"
#include "cli/commands.hpp"
#include "cli/completion.hpp"
#include "cli/failure.hpp"
#include "cli/help_text.hpp"
#include "cli/options.hpp"
#include "cli/spool_options.hpp"
#include "cli/standard_streams.hpp"
#include "cli/tap_options.hpp"
#include "cli/usage_error.hpp"
#include "cli/version_text.hpp"
#include "cli/watched_output.hpp"
#include "pbxbridge/program.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <csignal>
#include <exception>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace pbxbridge::cli {

namespace {

const std::map<std::string, Document> documents = {
    {"asyncapi", Document::asyncapi},   {"configuration", Document::configuration},
    {"log-codes", Document::log_codes}, {"manual", Document::manual},
    {"metrics", Document::metrics},     {"schema", Document::schema},
    {"starter", Document::starter}};

/// `pbxbridge dead-letters ...`
class DeadLettersCommands {
 public:
  DeadLettersCommands(CLI::App& app, std::filesystem::path& file, config::SinkSources& sources)
      : file_(file), sources_(sources) {
    group_ = app.add_subcommand("dead-letters", "Events that a sink has rejected for good");
    group_->require_subcommand(1);
    group_->footer(example("dead-letters list --config bridge.yaml"));
    add("list", "One line for each", DeadLettersRequest::Action::list);
    CLI::App* show = add("show", "One letter with its payload", DeadLettersRequest::Action::show);
    show->add_option("LETTER", request_.letter, "As `list` names it")->required();
    show->add_flag("--raw", request_.raw, "Into a pipe or a file: as it came, without escapes");
    add_change("redrive", "Deliver them after all: at once where pbxbridge runs, else at its next start",
               DeadLettersRequest::Action::redrive);
    add_change("drop", "Delete them", DeadLettersRequest::Action::drop);
  }
  bool parsed() const { return group_->parsed(); }
  int run() const {
    if (!request_.raw || !writes_to_terminal())
      return dead_letters_command(file_, sources_, request_, std::cout, std::cerr);
    std::cerr << "pbxbridge: error: --raw is for a pipe or a file; a terminal would obey what stands in the payload\n";
    return app::exit_usage;
  }

 private:
  CLI::App* add(const std::string& name, const std::string& text, DeadLettersRequest::Action action) {
    CLI::App* command = add_command_with_configuration(*group_, name, text, file_);
    command->add_option("--sink", request_.sink, "Of this sink only")->type_name("NAME");
    command->footer(example("dead-letters " + name + " --config bridge.yaml" + (name == "list" ? "" : " LETTER")));
    command->add_flag("--json", request_.json, "One JSON object a line");
    command->callback([this, action] { request_.action = action; });
    return command;
  }
  void add_change(const std::string& name, const std::string& text, DeadLettersRequest::Action action) {
    CLI::App* command = add(name, text, action);
    command->add_option("LETTER", request_.letter, "One letter, as `list` names it");
    command->add_flag("--all", request_.all, "All letters of every sink");
  }

  std::filesystem::path& file_;
  config::SinkSources& sources_;
  CLI::App* group_;
  DeadLettersRequest request_;
};

/// Commands that show what a configuration does, without running anything.
class TrialCommands {
 public:
  TrialCommands(CLI::App& app, std::filesystem::path& file, config::SinkSources& sources)
      : file_(file), sources_(sources) {
    check_ =
        add_command_with_configuration(app, "check", "Check a configuration and list all its errors at once", file);
    check_->add_flag("--json", check_request_.json, "One JSON object for each problem or finding, on a line");
    check_->add_flag("--connect", check_request_.connect,
                     "Then examine each PBX, each sink and the spool, and leave nothing behind; exit code 69 where one "
                     "is not reached or rejects what it is needed for");
    check_->footer(example("check --config bridge.yaml") + "\n  pbxbridge check --config bridge.yaml --connect");
    explain_ = add_command_with_configuration(
        app, "explain", "Say what becomes of events: attributes, routes, and each message as it would be sent", file);
    explain_->add_option("EVENTS", explain_request_.events, "JSON, a line each or over several; - for standard input")
        ->type_name("FILE");
    explain_->add_option("--pbx", explain_request_.pbx, "Where they come from, else the first")->type_name("NAME");
    explain_->add_option("--received", explain_request_.received, "When they come, such as 2026-05-31T08:00:00Z")
        ->type_name("TIME");
    explain_->add_flag("--lines", explain_request_.lines, "Each line is one event, whatever it holds");
    explain_->add_flag("--json", explain_request_.json, "One JSON object for each event, on a line");
    explain_->footer(example("explain --config bridge.yaml events.ndjson"));
    test_ = add_command_with_configuration(app, "test", "Run your own tests of a configuration", file);
    test_->add_option("CASES", test_request_.case_files, "Files of cases, YAML")->type_name("FILE")->required();
    test_->add_flag("--json", test_request_.json, "One JSON object for each case, on a line");
    test_->footer(example("test --config bridge.yaml cases.yaml"));
  }
  bool parsed() const { return check_->parsed() || explain_->parsed() || test_->parsed(); }
  int run() const {
    if (check_->parsed()) return check_command(file_, sources_, check_request_, std::cout, std::cerr);
    if (test_->parsed()) return test_command(file_, sources_, test_request_, std::cout, std::cerr);
    return explain_command(file_, sources_, explain_request_, std::cin, std::cout, std::cerr);
  }

 private:
  std::filesystem::path& file_;
  config::SinkSources& sources_;
  CLI::App* check_;
  CLI::App* explain_;
  CLI::App* test_;
  CheckRequest check_request_;
  ExplainRequest explain_request_;
  TestRequest test_request_;
};

/// `pbxbridge run`
class RunCommand {
 public:
  RunCommand(CLI::App& app, std::filesystem::path& file, app::Plugins& plugins) : file_(file), plugins_(plugins) {
    command_ = add_command_with_configuration(app, "run", "Run until SIGTERM or SIGINT", file);
    command_->add_flag("--watch", options_.watch,
                       "Reload by itself when the file changes, or one that it names: secrets, certificates");
    command_->footer(example("run --config /etc/pbxbridge/bridge.yaml"));
  }
  bool parsed() const { return command_->parsed(); }
  int run() const { return app::run(file_, plugins_, options_); }

 private:
  std::filesystem::path& file_;
  app::Plugins& plugins_;
  CLI::App* command_;
  app::RunOptions options_;
};

/// `pbxbridge reference DOCUMENT`
class ReferenceCommand {
 public:
  ReferenceCommand(CLI::App& app, std::filesystem::path& file, config::SinkSources& sources)
      : app_(app), file_(file), sources_(sources) {
    command_ = app.add_subcommand("reference", "Print a document that is generated from the program");
    command_
        ->add_option(
            "DOCUMENT", document_,
            "asyncapi (AsyncAPI 3.0, JSON: the topics and messages of --config), configuration, log-codes, metrics "
            "(Markdown), manual (for man), schema (JSON Schema), starter (YAML)")
        ->required()
        ->check(CLI::IsMember(documents));
    command_->add_option("-c,--config", file, "A configuration, whose plug-ins bring further sinks")->type_name("FILE");
    command_->footer(example("reference starter > bridge.yaml") +
                     "\n  pbxbridge reference asyncapi --config bridge.yaml > asyncapi.json");
  }
  bool parsed() const { return command_->parsed(); }
  int run() const { return reference_command(documents.at(document_), file_, sources_, app_, std::cout, std::cerr); }

 private:
  CLI::App& app_;
  std::filesystem::path& file_;
  config::SinkSources& sources_;
  CLI::App* command_;
  std::string document_;
};

/// Commands that show how the running pbxbridge is.
class WatchCommands {
 public:
  WatchCommands(CLI::App& app, std::filesystem::path& file) : file_(file) {
    status_ =
        add(app, "status", "Ask the running pbxbridge how it is: one sentence, exit code 0 where all is well, else 1");
    status_->add_flag("--json", status_request_.json, "Everything, as /status serves it");
    health_ =
        add(app, "health",
            "Ask the running pbxbridge whether it accepts events: exit code 0 or 1, for a container's health check");
    top_ = add(app, "top", "Watch the running pbxbridge in the terminal: once a second, until q ends it");
    CLI::Option* once = top_->add_flag("--once", top_request_.once, "Print it once and end");
    top_->add_flag("--json", top_request_.json, "With --once: everything, as /status serves it")->needs(once);
    for (CLI::App* command : {status_, health_, top_})
      command->add_option("--address", address_, "Where it listens, if not where the configuration says")
          ->type_name("ADDRESS:PORT");
  }
  bool parsed() const { return status_->parsed() || health_->parsed() || top_->parsed(); }
  int run() {
    status_request_.address = top_request_.address = address_;
    if (status_->parsed()) return status_command(file_, status_request_, std::cout, std::cerr);
    if (health_->parsed()) return health_command(file_, address_, std::cout, std::cerr);
    return top_command(file_, top_request_, std::cout, std::cerr);
  }

 private:
  CLI::App* add(CLI::App& app, const std::string& name, const std::string& text) {
    CLI::App* command = add_command_with_configuration(app, name, text, file_);
    command->footer(example(name + " --config bridge.yaml"));
    return command;
  }

  std::filesystem::path& file_;
  CLI::App* status_;
  CLI::App* health_;
  CLI::App* top_;
  std::string address_;
  StatusRequest status_request_;
  TopRequest top_request_;
};

/// `pbxbridge state ...`
class StateCommands {
 public:
  StateCommands(CLI::App& app, std::filesystem::path& file) : file_(file) {
    CLI::App* group = app.add_subcommand("state", "The state that the running pbxbridge follows");
    group->require_subcommand(1);
    republish_ = add_command_with_configuration(
        *group, "republish",
        "Send all documents of the state again, and what routes take of links and devices: for a broker that has lost "
        "what it had retained, or a compacted topic that was made again",
        file);
    republish_->add_flag("--json", json_, "One JSON object");
    for (CLI::App* command : {group, republish_}) command->footer(example("state republish --config bridge.yaml"));
  }
  bool parsed() const { return republish_->parsed(); }
  int run() const { return republish_command(file_, json_, std::cout, std::cerr); }

 private:
  std::filesystem::path& file_;
  CLI::App* republish_;
  bool json_ = false;
};

/// `pbxbridge completion SHELL`
class CompletionCommand {
 public:
  explicit CompletionCommand(CLI::App& app) : app_(app) {
    command_ = app.add_subcommand("completion", "Print a script that completes pbxbridge in a shell");
    command_->add_option("SHELL", shell_, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember(std::vector<std::string>{"bash", "zsh", "fish"}));
    command_->footer(example("completion bash > /etc/bash_completion.d/pbxbridge"));
  }
  bool parsed() const { return command_->parsed(); }
  int run() const {
    const CommandWords words = words_of(app_);
    std::cout << (shell_ == "bash"  ? bash_completion(words)
                  : shell_ == "zsh" ? zsh_completion(words)
                                    : fish_completion(words));
    return app::exit_ok;
  }

 private:
  const CLI::App& app_;
  CLI::App* command_;
  std::string shell_;
};

/// Says whether the words lead to a command that needs another one behind it.
bool is_unfinished(const CLI::App& app) {
  const auto parsed = app.get_subcommands();
  if (!parsed.empty()) return is_unfinished(*parsed.front());
  return app.get_require_subcommand_min() > 0 && app.remaining().empty();
}

/// The program without its commands, which take the form of their help from it.
class Words final : public CLI::App {
 public:
  Words() : CLI::App("Bridges the events of a PBX to Kafka, MQTT and AMQP.", "pbxbridge") {
    formatter(std::make_shared<HelpText>());
    require_subcommand(1);
  }
};

/// All that the command line may hold. The order is that of the help.
class Program {
 public:
  explicit Program(std::span<const SinkType> types) : plugins_(types) {
    version_ = app_.set_version_flag(
        "--version", [this] { return version_text(verbose_->count() > 0); }, "Print the version and exit");
    const std::string verbose_text = "With --version: commit, compiler, libraries";
    verbose_ = app_.add_flag("--verbose", verbose_text)->needs(version_);
    app_.footer(example("check --config bridge.yaml") + "\n  pbxbridge run --config bridge.yaml");
  }

  /// Returns an exit code where the words are no command to carry out.
  std::optional<int> parse(int argc, const char* const* argv) {
    try {
      app_.parse(argc, argv);
      return std::nullopt;
    } catch (const CLI::ParseError& error) {
      if (error.get_exit_code() == 0) return app_.exit(error);  // --help and --version
      if (is_unfinished(app_)) {
        std::cout << app_.help();  // of the command that the words lead to
        return app::exit_ok;
      }
      const std::string misplaced = misplaced_word(app_);
      std::cerr << (misplaced.empty() ? error.what() : misplaced) << "\nRun with --help for more information.\n";
      return app::exit_usage;
    }
  }

  int run() {
    if (run_.parsed()) return run_.run();
    app::release_signals();
    if (trial_.parsed()) return trial_.run();
    if (reference_.parsed()) return reference_.run();
    if (watch_.parsed()) return watch_.run();
    if (tap_.parsed()) return tap_.run();
    if (spool_.parsed()) return spool_.run();
    if (dead_letters_.parsed()) return dead_letters_.run();
    if (state_.parsed()) return state_.run();
    return completion_.run();
  }

 private:
  Words app_;
  CLI::Option* version_ = nullptr;
  CLI::Option* verbose_ = nullptr;
  app::Plugins plugins_;
  std::filesystem::path file_;
  RunCommand run_{app_, file_, plugins_};
  TrialCommands trial_{app_, file_, plugins_};
  ReferenceCommand reference_{app_, file_, plugins_};
  WatchCommands watch_{app_, file_};
  TapOptions tap_{app_, file_};
  SpoolOptions spool_{app_, file_, plugins_};
  DeadLettersCommands dead_letters_{app_, file_, plugins_};
  StateCommands state_{app_, file_};
  CompletionCommand completion_{app_};
};

int run_safely(Program& program) {
  try {
    return program.run();
  } catch (const std::exception& error) {
    return failure(error.what(), app::exit_failure, std::cerr);
  }
}

}  // namespace

int run_command_line(int argc, const char* const* argv, std::span<const SinkType> types) {
  std::ios::sync_with_stdio(false);  // input and output may be long
  WatchedOutput output(std::cout);
  Program program(types);
  const auto parsed = program.parse(argc, argv);
  return output.finish(parsed ? *parsed : run_safely(program), std::cerr);
}

}  // namespace pbxbridge::cli

int pbxbridge::run(int argc, const char* const* argv, std::span<const SinkType> types) {
  app::hold_signals();
  if (!app::core_dumps_are_wanted()) app::forbid_core_dumps();
  // A file that may not grow any more shows as the error of the write (EFBIG), in every thread.
  std::signal(SIGXFSZ, SIG_IGN);
  cli::open_closed_standard_streams();
  return cli::run_command_line(argc, argv, types);
}
