#include "pbxbridge/config/schema.hpp"

#include "pbxbridge/config/names.hpp"

#include <algorithm>
#include <stdexcept>

namespace pbxbridge::config {

bool WrittenKeys::has(std::string_view field) const {
  return std::any_of(fields_.begin(), fields_.end(), [&](const auto& written) { return written.first == field; });
}

bool WrittenKeys::is_sound(std::string_view field) const {
  return std::ranges::find(unsound_, field) == unsound_.end();
}

Location WrittenKeys::location(std::string_view field) const {
  for (const auto& [name, location] : fields_)
    if (name == field) return location;
  return struct_location_;
}

namespace {

std::string file_key(const Field& field) { return field.name + "_file"; }

bool is_secret(const Field& field) { return field.type.kind == TypeDescription::Kind::secret; }

std::vector<std::string> keys_of(const std::vector<Field>& fields) {
  std::vector<std::string> keys;
  for (const Field& field : fields) {
    keys.push_back(field.name);
    if (is_secret(field)) keys.push_back(file_key(field));
  }
  return keys;
}

std::optional<std::size_t> field_of_key(const std::vector<Field>& fields, std::string_view key) {
  for (std::size_t i = 0; i < fields.size(); ++i)
    if (key == fields[i].name || (is_secret(fields[i]) && key == file_key(fields[i]))) return i;
  return std::nullopt;
}

bool may_hold_secret(const std::vector<Field>& fields) {
  return std::ranges::any_of(fields, [](const Field& field) {
    const TypeDescription& type = field.type.element ? *field.type.element : field.type;
    return is_secret(field) || (type.object != nullptr && may_hold_secret(type.object().fields()));
  });
}

/// Does not repeat the key: `two` in `{ password: one,two }` and `{ password: one, two: three }` is the rest of a
/// password.
std::string unknown_key_not_shown(std::string_view key, const std::vector<std::string_view>& candidates) {
  return "unknown key" + suggestion(key, candidates) +
         " (it is not shown here, for it may be a part of the value before it, which must then stand in quotes)";
}

/// A value may follow a key without a blank between them, and may be a secret.
std::string unknown_key(std::string_view key, const std::vector<std::string_view>& candidates) {
  const auto is_candidate = [&](std::string_view name) {
    return std::ranges::find(candidates, name) != candidates.end();
  };
  const auto name = key.substr(0, key.find(':'));
  if (name.size() < key.size() && is_candidate(name))
    return "unknown key \"" + std::string(name) + ":...\": a blank is missing after the colon";
  const std::string meant = suggestion(key, candidates);
  const auto runs_into_secret = [&](std::string_view candidate) {
    return key.starts_with(candidate) && is_candidate(std::string(candidate) + "_file");
  };
  const auto secret = std::ranges::find_if(candidates, runs_into_secret);
  const bool may_hold_one = meant.empty() && secret != candidates.end();
  return "unknown key \"" + (may_hold_one ? std::string(*secret) + "..." : key_text(key)) + '"' + meant;
}

}  // namespace

SchemaBase::Matched SchemaBase::match(const Node& node, const UnknownKeys& unknown, Report& report) const {
  Matched matched(node.location());
  matched.is_map = node.is_map();
  if (!matched.is_map) {
    report.error(node.location(), "expected a map (name: value), found " + std::string(node.kind_text()));
    return matched;
  }
  const std::vector<std::string> own_keys = keys_of(fields_);
  std::vector<std::string_view> candidates(own_keys.begin(), own_keys.end());
  candidates.insert(candidates.end(), unknown.known_elsewhere.begin(), unknown.known_elsewhere.end());
  int line_of_secret = 0;
  for (const Node::Entry& entry : node.entries()) {
    const auto index = field_of_key(fields_, entry.key);
    if (!index) {
      const bool elsewhere = std::count(unknown.known_elsewhere.begin(), unknown.known_elsewhere.end(), entry.key) > 0;
      if (!unknown.are_errors || elsewhere) continue;
      const bool has_value = entry.value.kind() != Node::Kind::nothing;
      const bool may_be_secret =
          has_value ? entry.key_location.line == line_of_secret && suggestion(entry.key, candidates).empty()
                    : may_hold_secret(fields_);
      report.error(entry.key_location,
                   may_be_secret ? unknown_key_not_shown(entry.key, candidates) : unknown_key(entry.key, candidates));
      continue;
    }
    const Field& field = fields_[*index];
    if (is_secret(field) && entry.key == field.name) line_of_secret = entry.value.location().line;
    const auto same = std::find_if(matched.matches.begin(), matched.matches.end(),
                                   [&](const Match& earlier) { return earlier.field == *index; });
    if (same != matched.matches.end()) {
      report.error(entry.key_location, "give either \"" + field.name + "\" or \"" + file_key(field) + "\", not both");
      continue;
    }
    matched.matches.push_back({*index, &entry});
    matched.written.fields_.emplace_back(field.name, entry.key_location);
  }
  for (const Field& field : fields_) {
    if (!field.text.required || matched.written.has(field.name)) continue;
    report.error(node.location(), "missing \"" + field.name + '"' +
                                      (is_secret(field) ? " (or \"" + file_key(field) + "\")" : std::string()));
    matched.written.unsound_.push_back(field.name);
  }
  return matched;
}

FieldContext SchemaBase::reading(const Match& match, Report& report) const {
  return {match.entry->key, fields_[match.field].name, fields_[match.field].text, report};
}

void SchemaBase::judge(const Match& match, bool has_errors, WrittenKeys& written) const {
  const Field& field = fields_[match.field];
  const Node& node = match.entry->value;
  const bool has_its_form =
      field.type.kind == TypeDescription::Kind::list ? node.is_list() || field.text.or_single : node.is_map();
  const bool is_unsound = field.type.is_plain() ? has_errors || !node.is_known() : has_errors && !has_its_form;
  if (is_unsound) written.unsound_.push_back(field.name);
}

void SchemaBase::expect_declared(const std::vector<std::string_view>& fields) const {
  for (const std::string_view field : fields)
    if (std::ranges::find(fields_, field, &Field::name) == fields_.end())
      throw std::logic_error("a check relies on \"" + std::string(field) + "\", which is not a field");
}

}  // namespace pbxbridge::config
