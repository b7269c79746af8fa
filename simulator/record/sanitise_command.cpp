#include "simulator/record/commands.hpp"
#include "simulator/record/line_file.hpp"
#include "simulator/record/sanitiser.hpp"
#include "simulator/record/sanitising_key.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <sysexits.h>

namespace pbxbridge::sim {

namespace {

struct Arguments {
  std::filesystem::path input;
  std::filesystem::path out;
  std::filesystem::path key_file;
  std::vector<std::string> keep;
};

/// The times that messages may have: about those of a recording, or of the last year in a file that does not say when
/// it was made. Most telephone numbers of ten digits are none.
Sanitiser::Span span_of(std::optional<std::int64_t> started_us) {
  using namespace std::chrono;
  const auto seconds_of = [](auto duration) { return duration_cast<seconds>(duration).count(); };
  if (!started_us) {
    const auto now = system_clock::now().time_since_epoch();
    return {seconds_of(now - years(1)), seconds_of(now + days(1))};
  }
  const std::chrono::microseconds started(*started_us);
  return {seconds_of(started - days(7)), seconds_of(started + days(31))};
}

std::size_t copy(const Arguments& arguments, Sanitiser& sanitiser) {
  std::ifstream input(arguments.input, std::ios::binary);
  if (!input) throw std::runtime_error(arguments.input.string() + " cannot be read");
  RecordingReader reader(input);
  const LineFile out = LineFile::created(arguments.out);
  sanitiser.set_span(span_of(reader.started_us()));
  if (reader.started_us()) out.add_line(recording_head(sanitiser.started_us(*reader.started_us())));
  for (std::size_t messages = 0;; ++messages) {
    auto message = reader.next();
    if (!message) throw std::runtime_error(fmt::format("{}: {}", arguments.input.string(), message.error().text));
    if (!*message) return messages;
    const auto sanitised = sanitiser.message(std::move(**message));
    out.add_line(reader.has_times() ? recording_line(sanitised) : sanitised.bytes);
  }
}

void list_unknown_words(const Sanitiser& sanitiser) {
  if (sanitiser.unknown_words().empty()) return;
  std::cerr << "These are not known as words of the protocol, and were replaced. Those that say nothing about\n"
               "anybody can be let through: --keep WORD.\n";
  for (const auto& [word, count] : sanitiser.unknown_words()) std::cerr << fmt::format("{:>8}  {}\n", count, word);
}

}  // namespace

int run_sanitise(int argument_count, const char* const* argument_values) {
  Arguments arguments;
  CLI::App app(
      "Replaces numbers, names, addresses, ids and all free text of a recording, each by the same one wherever it "
      "stands.",
      "pbxbridge-sim sanitise");
  app.add_option("input", arguments.input, "A recording, or a file with one event a line")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("--out", arguments.out, "File to write; it must not exist")->required();
  app.add_option(
      "--key-file", arguments.key_file,
      "Secret that decides on the replacements; made there if it is missing. Without it one is made for this "
      "run and kept nowhere");
  app.add_option("--keep", arguments.keep,
                 "Name of a field, or value in the place of the protocol's own, to let through");
  try {
    app.parse(argument_count, argument_values);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? EXIT_SUCCESS : EX_USAGE;
  }
  Sanitiser sanitiser(
      arguments.key_file.empty() ? make_sanitising_key() : load_or_make_sanitising_key(arguments.key_file),
      {arguments.keep.begin(), arguments.keep.end()});
  const auto messages = copy(arguments, sanitiser);
  list_unknown_words(sanitiser);
  std::cerr << fmt::format("{} messages are in {}\n", messages, arguments.out.string());
  return EXIT_SUCCESS;
}

}  // namespace pbxbridge::sim
