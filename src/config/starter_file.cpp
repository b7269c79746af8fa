// The starter file.

#include "config/config.hpp"
#include "config/generated_documents.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace pbxbridge::config {

namespace {

using Kind = TypeDescription::Kind;

/// The first sentence, for a comment of one line.
std::string_view first_sentence(std::string_view text) {
  const std::size_t end = text.find(". ");
  return text.substr(0, end == std::string_view::npos ? text.size() : end + 1);
}

bool holds_structs(const Field& field) { return !field.type.is_plain() && field.type.kind != Kind::match; }

/// Makes a value that fits on one line.
std::string sample_value(const Field& field) {
  if (!field.text.example.empty()) return std::string(field.text.example);
  if (!field.default_value.empty()) return field.default_value;
  switch (field.type.kind) {
    case Kind::list:
      return "[]";
    case Kind::map:
    case Kind::object:
    case Kind::match:
      return "{}";
    case Kind::choice:
      return std::string(field.type.choices.front());
    case Kind::boolean:
      return "true";
    case Kind::integer:
    case Kind::number:
      return std::to_string(field.text.maximum.value_or(1));
    default:
      return "\"\"";
  }
}

/// Fields of a struct that is commented out already need no mark of their own.
std::string_view comment_mark(std::string_view indent) { return indent.find('#') == indent.npos ? "# " : ""; }

/// Writes optional fields commented out, with a default or an example.
std::string optional_fields(const SchemaBase& schema, std::string_view indent) {
  std::string lines;
  for (const Field& field : schema.fields()) {
    if (field.text.required || holds_structs(field)) continue;
    if (field.type.kind == Kind::secret)
      lines += fmt::format("{}{}{}_file: /run/secrets/{}  # {}\n", indent, comment_mark(indent), field.name, field.name,
                           first_sentence(field.text.text));
    else
      lines += fmt::format("{}{}{}: {}  # {}\n", indent, comment_mark(indent), field.name, sample_value(field),
                           first_sentence(field.text.text));
  }
  return lines;
}

std::string required_fields(const SchemaBase& schema, std::string_view indent) {
  std::string lines;
  for (const Field& field : schema.fields())
    if (field.text.required && !holds_structs(field))
      lines += fmt::format("{}{}: {}\n", indent, field.name, sample_value(field));
  return lines;
}

std::string as_comment(std::string_view lines) {
  std::string commented;
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    commented += fmt::format("  # {}\n", line.substr(std::min<std::size_t>(2, line.size())));
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
  }
  return commented;
}

std::string sink_examples(std::span<const SinkType> sink_types) {
  std::string lines;
  for (const SinkType& type : sink_types) {
    if (type.name == "stdout") continue;
    lines +=
        as_comment(fmt::format("  my_{}:  # {}\n    type: {}\n{}{}", type.name, first_sentence(type.text), type.name,
                               required_fields(type.schema(), "    "), optional_fields(type.schema(), "    ")));
  }
  return lines;
}

/// The options of each destination, with the types that have them.
std::string destination_options(std::span<const SinkType> sink_types, std::string_view indent) {
  std::vector<std::pair<const Field*, std::string>> options;
  for (const SinkType& type : sink_types) {
    if (type.options_schema == nullptr) continue;
    for (const Field& field : type.options_schema().fields()) {
      const auto is_same = [&field](const auto& option) {
        return option.first->name == field.name && option.first->text.text == field.text.text;
      };
      const auto known = std::find_if(options.begin(), options.end(), is_same);
      if (known == options.end())
        options.emplace_back(&field, type.name);
      else
        known->second += fmt::format(", {}", type.name);
    }
  }
  std::string lines;
  for (const auto& [field, types] : options)
    lines += fmt::format("{}# {}: {}  # ({}) {}\n", indent, field->name, sample_value(*field), types,
                         first_sentence(field->text.text));
  return lines;
}

}  // namespace

std::string starter_file(std::span<const SinkType> sink_types) {
  std::string file =
      "# A configuration of pbxbridge to begin with: it prints the call records of one PBX. Lines that begin with # "
      "are\n"
      "# optional and show a default or an example. `pbxbridge check --config FILE` checks it.\n\n"
      "pbx:\n"
      "  - name: hq\n"
      "    url: wss://pbx.example.com:8887/wsi\n"
      "    auth:\n"
      "      username: bridge\n"
      "      domain: example.com  # left out for a system administrator\n"
      "      password_file: /run/secrets/pbx_password\n";
  file += "    subscribe:\n      - topic: cdr_events\n" + optional_fields(SubscribeConfig::schema(), "        ");
  file += "    # tls:\n" + optional_fields(net::TlsConfig::schema(), "    #   ") +
          optional_fields(PbxConfig::schema(), "    ");
  file += "\nsinks:\n  console: { type: stdout }\n" + sink_examples(sink_types);
  file += "\nroutes:\n  - match: {}  # every event\n    to:\n      sink: console\n";
  file += optional_fields(DestinationConfig::schema(), "      ") + destination_options(sink_types, "      ");
  file += "\n# spool:\n" + optional_fields(SpoolConfig::schema(), "#   ");
  file += "\n# admin:\n" + optional_fields(AdminConfig::schema(), "#   ");
  file += "\n" + optional_fields(Config::schema(), "");
  return file;
}

}  // namespace pbxbridge::config
