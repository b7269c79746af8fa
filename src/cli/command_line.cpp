#include "cli/command_line.hpp"

#include "app/run.hpp"
#include "cli/commands.hpp"
#include "cli/usage_error.hpp"

#include <CLI/CLI.hpp>

#include <exception>
#include <filesystem>
#include <iostream>
#include <map>
#include <string>

namespace pbxbridge::cli {

namespace {

/// sysexits.h: the command was used incorrectly.
constexpr int exit_usage = 64;

const std::map<std::string, Document> documents = {{"configuration", Document::configuration},
                                                   {"log-codes", Document::log_codes},
                                                   {"metrics", Document::metrics},
                                                   {"schema", Document::schema},
                                                   {"starter", Document::starter}};

CLI::App* add_command_with_configuration(CLI::App& app, const std::string& name, const std::string& text,
                                         std::filesystem::path& file) {
  CLI::App* command = app.add_subcommand(name, text);
  command->add_option("-c,--config", file, "The configuration, a YAML file")
      ->required()
      ->type_name("FILE")
      ->check([](const std::string& path) { return path.empty() ? "names no file" : std::string(); });
  return command;
}

}  // namespace

int run_command_line(int argc, const char* const* argv) {
  CLI::App app("Bridges the events of a PBX to Kafka and MQTT.", "pbxbridge");
  app.set_version_flag("--version", "pbxbridge " PBXBRIDGE_VERSION, "Print the version and exit");
  app.require_subcommand(1);

  std::filesystem::path file;
  const CLI::App* run = add_command_with_configuration(app, "run", "Run until SIGTERM or SIGINT", file);
  const CLI::App* check =
      add_command_with_configuration(app, "check", "Check a configuration and tell all its errors at once", file);
  CLI::App* reference = app.add_subcommand("reference", "Print a document that is generated from the program");
  std::string document;
  reference
      ->add_option("DOCUMENT", document,
                   "configuration, log-codes, metrics (Markdown), schema (JSON Schema), starter (YAML)")
      ->required()
      ->check(CLI::IsMember(documents));

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help and --version
    const std::string misplaced = misplaced_word(app);
    std::cerr << (misplaced.empty() ? error.what() : misplaced) << "\nRun with --help for more information.\n";
    return exit_usage;
  }
  try {
    if (run->parsed()) return app::run(file);
    if (check->parsed()) return check_command(file, std::cout, std::cerr);
    return reference_command(documents.at(document), std::cout);
  } catch (const std::exception& error) {
    std::cerr << "pbxbridge: error: " << error.what() << '\n';
    return app::exit_failure;
  }
}

}  // namespace pbxbridge::cli
