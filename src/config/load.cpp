#include "config/load.hpp"

#include "config/clear_secrets.hpp"
#include "config/excerpt.hpp"
#include "config/schema/exposure.hpp"
#include "config/sink_sources.hpp"
#include "pbxbridge/config/document.hpp"
#include "pbxbridge/config/names.hpp"
#include "pbxbridge/config/reader.hpp"
#include "text/log_text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>

namespace pbxbridge::config {

namespace {

constexpr std::size_t longest_problem = 2000;

std::string_view severity(const Problem& problem) { return problem.warning ? "warning" : "error"; }

void read_sink_settings(const Node::Entry& entry, SinkConfig& sink, std::span<const SinkType> types, Report& report) {
  if (const std::string wrong = check_name(entry.key); !wrong.empty()) report.error(entry.key_location, wrong);
  const Node* type_name = entry.value.find("type");
  if (type_name == nullptr || sink.type.empty()) return;  // reported already
  if (const SinkType* const type = find_sink_type(types, sink.type)) {
    sink.settings = type->read(entry.value, report);
    return;
  }
  std::vector<std::string_view> names;
  for (const SinkType& each : types) names.push_back(each.name);
  report.error(type_name->location(), fmt::format("there is no sink of type \"{}\"; expected one of {}{}", sink.type,
                                                  fmt::join(names, ", "), suggestion(sink.type, names)));
}

void check_exclusive(const std::map<std::string, SinkConfig>& sinks, Report& report) {
  std::map<std::string, std::string_view> first;
  for (const auto& [name, sink] : sinks) {
    const std::string exclusive = sink.settings ? sink.settings->exclusive() : std::string();
    if (exclusive.empty()) continue;
    const auto [earlier, is_first] = first.emplace(exclusive, name);
    if (!is_first)
      report.error(sink.location,
                   fmt::format("{} belongs to sink \"{}\" already; only one can write it", exclusive, earlier->second));
  }
}

/// Ahead of all other values, and without problems: those are found when the rest is read.
std::vector<Located<std::filesystem::path>> plugins_of(const Node& document) {
  constexpr std::string_view name = "plugins";
  std::vector<Located<std::filesystem::path>> plugins;
  Report ignored;
  if (const Node* const node = document.find(name))
    Reader<decltype(plugins)>::read(*node, plugins, {.key = name, .name = name, .text = {}, .report = ignored});
  return plugins;
}

std::vector<std::string> sink_types_of(const Node& document) {
  std::vector<std::string> types;
  const Node* const sinks = document.find("sinks");
  if (sinks == nullptr || !sinks->is_map()) return types;
  for (const Node::Entry& sink : sinks->entries())
    if (const Node* const type = sink.value.find("type"); type != nullptr && type->is_scalar())
      types.push_back(type->text());
  return types;
}

class FixedSources final : public SinkSources {
 public:
  explicit FixedSources(std::span<const SinkType> types) : types_(types) {}
  std::vector<SinkType> load(const std::vector<Located<std::filesystem::path>>& plugins, std::span<const std::string>,
                             Report& report) override {
    for (const auto& plugin : plugins) report.error(plugin.location, "plugins: none can be loaded here");
    return {types_.begin(), types_.end()};
  }

 private:
  std::span<const SinkType> types_;
};

Loaded load_text(std::string_view text, SinkSources& sources, SubstitutedValues& substituted) {
  Loaded loaded;
  const auto document = parse_document(text, loaded.report, substituted);
  if (!document) {
    loaded.sink_types = sources.load({}, {}, loaded.report);  // an excerpt must know their secrets all the same
    return loaded;
  }
  loaded.config.document = *document;
  loaded.sink_types = sources.load(plugins_of(*document), sink_types_of(*document), loaded.report);
  Config::schema().read(*document, loaded.config, loaded.report);
  if (const Node* sinks = document->find("sinks"); sinks != nullptr && sinks->is_map()) {
    for (const Node::Entry& entry : sinks->entries())
      read_sink_settings(entry, loaded.config.sinks[entry.key], loaded.sink_types, loaded.report);
    check_exclusive(loaded.config.sinks, loaded.report);
  }
  warn_of_exposed_files(*document, loaded.sink_types, substituted, loaded.report);
  return loaded;
}

}  // namespace

Loaded load_config_text(std::string_view text, SinkSources& sources) {
  SubstitutedValues substituted;
  return load_text(text, sources, substituted);
}

Loaded load_config(const std::filesystem::path& path, SinkSources& sources, ReadFile read) {
  auto text = read(path, max_document_bytes);
  if (!text) {
    Loaded loaded;
    loaded.report.error({}, text.error().text);
    return loaded;
  }
  SubstitutedValues substituted;
  Loaded loaded = load_text(*text, sources, substituted);
  loaded.text = std::move(*text);
  if (loaded.config.document && holds_secrets_in_clear(*loaded.config.document, loaded.sink_types, substituted))
    if (const std::string exposed = exposed_to_readers(path); !exposed.empty()) loaded.report.warning({}, exposed);
  return loaded;
}

Loaded load_config_text(std::string_view text, std::span<const SinkType> sink_types) {
  FixedSources sources(sink_types);
  return load_config_text(text, sources);
}

Loaded load_config(const std::filesystem::path& path, std::span<const SinkType> sink_types) {
  FixedSources sources(sink_types);
  return load_config(path, sources);
}

std::string place_text(std::string_view file_name, Location location) {
  if (location.line == 0) return std::string(file_name);
  return fmt::format("{}:{}:{}", file_name, location.line, location.column);
}

std::string format_problem(const Problem& problem, std::string_view file_name) {
  return fmt::format("{}: {}: {}", place_text(file_name, problem.location), severity(problem),
                     text::log_text(problem.text, longest_problem));
}

std::string format_problems(Report report, std::string_view file_name, const Excerpt* excerpt) {
  const std::size_t more = report.keep_first(most_problems_shown);
  std::string lines;
  for (const Problem& problem : report.problems()) {
    lines += format_problem(problem, file_name) + '\n';
    if (excerpt != nullptr) lines += excerpt->at(problem.location);
  }
  if (more > 0) lines += fmt::format("{}: and {} more\n", file_name, more);
  return lines;
}

std::string problems_in_json(Report report, std::string_view file_name) {
  report.sort();
  std::string lines;
  for (const Problem& problem : report.problems()) {
    const nlohmann::ordered_json json = {{"severity", severity(problem)},
                                         {"file", file_name},
                                         {"line", problem.location.line},
                                         {"column", problem.location.column},
                                         {"text", text::log_text(problem.text, longest_problem)}};
    lines += json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  }
  return lines;
}

}  // namespace pbxbridge::config
