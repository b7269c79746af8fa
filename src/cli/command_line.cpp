#include "cli/command_line.hpp"

#include "app/run.hpp"
#include "app/signal_watch.hpp"
#include "cli/commands.hpp"
#include "cli/standard_streams.hpp"
#include "cli/usage_error.hpp"
#include "pbxbridge/program.hpp"
#include "text/log_text.hpp"

#include <CLI/CLI.hpp>

#include <exception>
#include <filesystem>
#include <iostream>
#include <map>
#include <span>
#include <string>
#include <unistd.h>

namespace pbxbridge::cli {

namespace {

const std::map<std::string, Document> documents = {{"configuration", Document::configuration},
                                                   {"log-codes", Document::log_codes},
                                                   {"metrics", Document::metrics},
                                                   {"schema", Document::schema},
                                                   {"starter", Document::starter}};

bool writes_to_terminal() { return ::isatty(STDOUT_FILENO) == 1; }

CLI::App* add_command_with_configuration(CLI::App& app, const std::string& name, const std::string& text,
                                         std::filesystem::path& file) {
  CLI::App* command = app.add_subcommand(name, text);
  command->add_option("-c,--config", file, "The configuration, a YAML file")
      ->required()
      ->type_name("FILE")
      ->check([](const std::string& path) { return path.empty() ? "names no file" : std::string(); });
  return command;
}

/// `pbxbridge spool ...`
class SpoolCommands {
 public:
  SpoolCommands(CLI::App& app, std::filesystem::path& file, config::SinkSources& sources)
      : file_(file), sources_(sources) {
    group_ = app.add_subcommand("spool", "Look into the spool on disk, also of a pbxbridge that runs");
    group_->require_subcommand(1);
    add("stat", "How much it holds, and how far each sink is", SpoolRequest::Action::stat);
    CLI::App* list = add("list", "The events that it holds, a line each", SpoolRequest::Action::list);
    list->add_flag("--gaps", request_.gaps, "The stretches in which events are missing, instead");
    add("export", "The events with their payloads, as CloudEvents in JSON, a line each",
        SpoolRequest::Action::export_events);
    add("verify", "Read everything and check each checksum; exit code 74 where something is damaged",
        SpoolRequest::Action::verify);
    add_salvage();
  }
  bool parsed() const { return group_->parsed(); }
  int run() {
    if (salvage_->parsed()) return salvage_command(file_, sources_, salvage_request_, std::cout, std::cerr);
    request_.to_terminal = writes_to_terminal();
    return spool_command(file_, sources_, request_, std::cout, std::cerr);
  }

 private:
  CLI::App* add(const std::string& name, const std::string& text, SpoolRequest::Action action) {
    CLI::App* command = add_command_with_configuration(*group_, name, text, file_);
    command->add_flag("--json", request_.json, "One JSON object a line");
    command->callback([this, action] { request_.action = action; });
    return command;
  }

  void add_salvage() {
    salvage_ = add_command_with_configuration(
        *group_, "salvage",
        "Put what can be read of a damaged store's files (quarantine/...) back into the spool, which nothing may be "
        "using. An event that it lacks waits in its old place again; for a sink that has passed that place, and for "
        "which a gap was recorded there, it is redriven as a dead letter at the next start. All keep their ids. The "
        "directory stays as it is",
        file_);
    salvage_->add_option("DIR", salvage_request_.directory, "With the .sst and .log files")
        ->required()
        ->check(CLI::ExistingDirectory);
    salvage_->add_flag("--json", salvage_request_.json, "One JSON object");
  }

  std::filesystem::path& file_;
  config::SinkSources& sources_;
  CLI::App* group_;
  CLI::App* salvage_ = nullptr;
  SpoolRequest request_;
  SalvageRequest salvage_request_;
};

/// `pbxbridge dead-letters ...`
class DeadLettersCommands {
 public:
  DeadLettersCommands(CLI::App& app, std::filesystem::path& file, config::SinkSources& sources)
      : file_(file), sources_(sources) {
    group_ = app.add_subcommand("dead-letters", "Events that a sink has rejected for good");
    group_->require_subcommand(1);
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

}  // namespace

int run_command_line(int argc, const char* const* argv, std::span<const SinkType> types) {
  CLI::App app("Bridges the events of a PBX to Kafka and MQTT.", "pbxbridge");
  app.set_version_flag("--version", "pbxbridge " PBXBRIDGE_VERSION, "Print the version and exit");
  app.require_subcommand(1);

  app::Plugins plugins(types);
  std::filesystem::path file;
  const CLI::App* run = add_command_with_configuration(app, "run", "Run until SIGTERM or SIGINT", file);
  const CLI::App* check =
      add_command_with_configuration(app, "check", "Check a configuration and list all its errors at once", file);
  CLI::App* reference = app.add_subcommand("reference", "Print a document that is generated from the program");
  std::string document;
  reference
      ->add_option("DOCUMENT", document,
                   "configuration, log-codes, metrics (Markdown), schema (JSON Schema), starter (YAML)")
      ->required()
      ->check(CLI::IsMember(documents));
  reference->add_option("-c,--config", file, "A configuration, whose plug-ins bring further sinks")->type_name("FILE");

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
  for (CLI::App* command : {status, health, top})
    command->add_option("--address", status_request.address, "Where it listens, if not where the configuration says")
        ->type_name("ADDRESS:PORT");

  SpoolCommands spool(app, file, plugins);
  const DeadLettersCommands dead_letters(app, file, plugins);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help and --version
    const std::string misplaced = misplaced_word(app);
    std::cerr << (misplaced.empty() ? error.what() : misplaced) << "\nRun with --help for more information.\n";
    return app::exit_usage;
  }
  try {
    if (run->parsed()) return app::run(file, plugins);
    app::release_signals();
    if (check->parsed()) return check_command(file, plugins, std::cout, std::cerr);
    if (status->parsed()) return status_command(file, status_request, std::cout, std::cerr);
    if (top->parsed()) {
      top_request.address = status_request.address;
      return top_command(file, top_request, std::cout, std::cerr);
    }
    if (health->parsed()) return health_command(file, status_request.address, std::cout, std::cerr);
    if (spool.parsed()) return spool.run();
    if (dead_letters.parsed()) return dead_letters.run();
    return reference_command(documents.at(document), file, plugins, std::cout, std::cerr);
  } catch (const std::exception& error) {
    std::cerr << "pbxbridge: error: " << text::log_text(error.what(), 2000) << '\n';
    return app::exit_failure;
  }
}

}  // namespace pbxbridge::cli

int pbxbridge::run(int argc, const char* const* argv, std::span<const SinkType> types) {
  app::hold_signals();
  cli::open_closed_standard_streams();
  return cli::run_command_line(argc, argv, types);
}
