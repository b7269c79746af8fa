#include "cli/command_line.hpp"

#include "app/run.hpp"
#include "app/signal_watch.hpp"
#include "cli/commands.hpp"
#include "cli/completion.hpp"
#include "cli/failure.hpp"
#include "cli/options.hpp"
#include "cli/spool_options.hpp"
#include "cli/standard_streams.hpp"
#include "cli/tap_options.hpp"
#include "cli/usage_error.hpp"
#include "cli/version_text.hpp"
#include "pbxbridge/program.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <exception>
#include <filesystem>
#include <iostream>
#include <map>
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
    std::ios::sync_with_stdio(false);  // the input may be long
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
    return std::cout.flush() ? app::exit_ok : app::exit_failure;
  }

 private:
  const CLI::App& app_;
  CLI::App* command_;
  std::string shell_;
};

/// The command that the words lead to and that needs another one behind it; null where there is none such.
CLI::App* unfinished_command(CLI::App& app) {
  const auto parsed = app.get_subcommands();
  if (!parsed.empty()) return unfinished_command(*parsed.front());
  return app.get_require_subcommand_min() > 0 && app.remaining().empty() ? &app : nullptr;
}

}  // namespace

int run_command_line(int argc, const char* const* argv, std::span<const SinkType> types) {
  CLI::App app("Bridges the events of a PBX to Kafka, MQTT and AMQP.", "pbxbridge");
  const CLI::Option* verbose = nullptr;
  CLI::Option* version = app.set_version_flag(
      "--version", [&verbose] { return version_text(verbose->count() > 0); }, "Print the version and exit");
  const std::string verbose_text = "With --version: commit, compiler, libraries";
  verbose = app.add_flag("--verbose", verbose_text)->needs(version);
  app.require_subcommand(1);

  app::Plugins plugins(types);
  std::filesystem::path file;
  CLI::App* run = add_command_with_configuration(app, "run", "Run until SIGTERM or SIGINT", file);
  app::RunOptions run_options;
  run->add_flag("--watch", run_options.watch,
                "Reload by itself when the file changes, or one that it names: secrets, certificates");
  run->footer(example("run --config /etc/pbxbridge/bridge.yaml"));
  const TrialCommands trial(app, file, plugins);
  CLI::App* reference = app.add_subcommand("reference", "Print a document that is generated from the program");
  std::string document;
  reference
      ->add_option(
          "DOCUMENT", document,
          "asyncapi (AsyncAPI 3.0, JSON: the topics and messages of --config), configuration, log-codes, metrics "
          "(Markdown), manual (for man), schema (JSON Schema), starter (YAML)")
      ->required()
      ->check(CLI::IsMember(documents));
  reference->add_option("-c,--config", file, "A configuration, whose plug-ins bring further sinks")->type_name("FILE");
  reference->footer(example("reference starter > bridge.yaml") +
                    "\n  pbxbridge reference asyncapi --config bridge.yaml > asyncapi.json");

  StatusRequest status_request;
  CLI::App* status = add_command_with_configuration(
      app, "status", "Ask the pbxbridge that runs how it is: one sentence, exit code 0 where all is well, else 1",
      file);
  status->add_flag("--json", status_request.json, "Everything, as /status serves it");
  CLI::App* health = add_command_with_configuration(
      app, "health", "Ask it whether it accepts events, exit code 0 or 1; for a container's health check", file);
  TopRequest top_request;
  CLI::App* top = add_command_with_configuration(app, "top", "Watch it in the terminal, each second; q ends", file);
  CLI::Option* once = top->add_flag("--once", top_request.once, "Print it once and end");
  top->add_flag("--json", top_request.json, "With --once: everything, as /status serves it")->needs(once);
  for (CLI::App* command : {status, health, top}) {
    command->footer(example(command->get_name() + " --config bridge.yaml"));
    command->add_option("--address", status_request.address, "Where it listens, if not where the configuration says")
        ->type_name("ADDRESS:PORT");
  }

  TapOptions tap(app, file);
  SpoolOptions spool(app, file, plugins);
  const DeadLettersCommands dead_letters(app, file, plugins);
  CLI::App* state = app.add_subcommand("state", "The state that the pbxbridge that runs follows");
  state->require_subcommand(1);
  CLI::App* republish = add_command_with_configuration(
      *state, "republish",
      "Send all documents of the state again, and what routes take of links and devices: for a broker that has lost "
      "what it had retained, or a compacted topic that was made again",
      file);
  bool republish_json = false;
  republish->add_flag("--json", republish_json, "One JSON object");
  for (CLI::App* command : {state, republish}) command->footer(example("state republish --config bridge.yaml"));
  const CompletionCommand completion(app);
  app.footer(example("check --config bridge.yaml") + "\n  pbxbridge run --config bridge.yaml");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help and --version
    if (const CLI::App* const command = unfinished_command(app)) {
      std::cout << command->help();
      return app::exit_ok;
    }
    const std::string misplaced = misplaced_word(app);
    std::cerr << (misplaced.empty() ? error.what() : misplaced) << "\nRun with --help for more information.\n";
    return app::exit_usage;
  }
  try {
    if (run->parsed()) return app::run(file, plugins, run_options);
    app::release_signals();
    if (trial.parsed()) return trial.run();
    if (completion.parsed()) return completion.run();
    if (status->parsed()) return status_command(file, status_request, std::cout, std::cerr);
    if (top->parsed()) {
      top_request.address = status_request.address;
      return top_command(file, top_request, std::cout, std::cerr);
    }
    if (tap.parsed()) return tap.run();
    if (republish->parsed()) return republish_command(file, republish_json, std::cout, std::cerr);
    if (health->parsed()) return health_command(file, status_request.address, std::cout, std::cerr);
    if (spool.parsed()) return spool.run();
    if (dead_letters.parsed()) return dead_letters.run();
    return reference_command(documents.at(document), file, plugins, app, std::cout, std::cerr);
  } catch (const std::exception& error) {
    return failure(error.what(), app::exit_failure, std::cerr);
  }
}

}  // namespace pbxbridge::cli

int pbxbridge::run(int argc, const char* const* argv, std::span<const SinkType> types) {
  app::hold_signals();
  cli::open_closed_standard_streams();
  return cli::run_command_line(argc, argv, types);
}
