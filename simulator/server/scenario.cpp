#include "simulator/server/scenario.hpp"

#include "config/load.hpp"
#include "config/schema/file_text.hpp"
#include "pbxbridge/config/document.hpp"
#include "pbxbridge/config/schema.hpp"
#include "simulator/faults/words.hpp"
#include "simulator/server/command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace pbxbridge::sim {

namespace {

constexpr double latest_cue_seconds = 366 * 24 * 3600;

/// The command that ends what `line` began; empty where that ends by itself.
std::string end_of(std::string_view line) {
  const auto name = take_word(line);
  const auto* kind = find_fault(name);
  if (kind == nullptr) return {};
  if (kind->arguments.ends_with("off")) return fmt::format("{} off", name);
  if (name == "answer-delay") return "answer-delay 0";
  if (name == "reject") return fmt::format("allow {}", take_word(line));
  return {};
}

struct Step {
  config::Duration at{0};
  std::string command;
  std::optional<config::Duration> lasts;
  std::optional<config::Duration> every;

  static const config::Schema<Step>& schema();
};

void check(const Step& step, const config::WrittenKeys& written, config::Report& report) {
  if (const auto command = parse_command(step.command); !command)
    report.error(written.location("do"), command.error().text);
  else if (step.lasts && end_of(step.command).empty())
    report.error(written.location("for"), "this command has nothing that could be ended");
  if (step.lasts && step.every && *step.lasts >= *step.every)
    report.error(written.location("for"), "must be shorter than \"every\"");
}

const config::Schema<Step>& Step::schema() {
  constexpr std::int64_t shortest_period_ms = 1;
  static const auto schema =
      config::Schema<Step>("One thing that happens.")
          .field("at", &Step::at, {.text = "When, from the start.", .required = true})
          .field("do", &Step::command, {.text = "A command, as on standard input.", .required = true})
          .field("for", &Step::lasts, {.text = "How long it holds.", .minimum = shortest_period_ms})
          .field("every", &Step::every, {.text = "When again, and again.", .minimum = shortest_period_ms})
          .check({"do", "for", "every"}, check);
  return schema;
}

std::vector<Cue> cues_of(const std::vector<Step>& steps) {
  std::vector<Cue> cues;
  for (const auto& step : steps) {
    cues.push_back({step.at, step.command, step.every});
    if (step.lasts) cues.push_back({step.at + *step.lasts, end_of(step.command), step.every});
  }
  return cues;
}

std::string read(const std::filesystem::path& file) {
  auto text = config::read_file(file, config::max_document_bytes);
  if (!text) throw std::runtime_error(fmt::format("{}: {}", file.string(), text.error().text));
  return std::move(*text);
}

}  // namespace

Result<std::vector<Cue>> parse_scenario(std::string_view text, std::string_view name) {
  config::Report report;
  std::vector<Step> steps;
  if (const auto document = config::parse_document(text, report)) {
    if (!document->is_list()) report.error(document->location(), "a scenario is a list");
    for (const auto& item : document->items()) Step::schema().read(item, steps.emplace_back(), report);
  }
  if (report.error_count() > 0) return not_understood(config::format_problems(report, name));
  return cues_of(steps);
}

Result<std::vector<Cue>> parse_cues(std::string_view text) {
  std::vector<Cue> cues;
  for (std::size_t line_number = 1; !text.empty(); ++line_number) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    const auto seconds = number<double>(take_word(line));
    if (!seconds || *seconds > latest_cue_seconds)
      return not_understood(fmt::format("line {}: expected seconds, then a command", line_number));
    if (const auto command = parse_command(line); !command)
      return not_understood(fmt::format("line {}: {}", line_number, command.error().text));
    cues.push_back({std::chrono::milliseconds(static_cast<std::int64_t>(*seconds * 1000)), std::string(line)});
  }
  return cues;
}

std::vector<Cue> load_cues(const std::filesystem::path& scenario, const std::filesystem::path& cues) {
  std::vector<Cue> all;
  const auto add = [&](Result<std::vector<Cue>> parsed, const std::string& name) {
    if (!parsed) throw std::runtime_error(name + parsed.error().text);
    all.insert(all.end(), parsed->begin(), parsed->end());
  };
  if (!scenario.empty()) add(parse_scenario(read(scenario), scenario.string()), "\n");
  if (!cues.empty()) add(parse_cues(read(cues)), cues.string() + ": ");
  return all;
}

}  // namespace pbxbridge::sim
