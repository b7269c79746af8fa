#include "app/reload_difference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

namespace pbxbridge::app {

namespace {

using config::Node;
using Entries = std::map<std::string, const Node*>;

// Settings that a running sink or session takes: they do not change it.
const std::set<std::string> sink_settings_taken = {"dead_letters_to", "start"};
const std::set<std::string> pbx_settings_taken = {"subscribe"};

/// The settings that need a restart, and the only place that says so. "": at the top level.
const std::map<std::string, std::set<std::string>> restart_settings = {
    {"", {"plugins"}}, {"admin", {"control_socket"}}, {"spool", {"type", "path"}}};

Entries entries_of(const Node* map) {
  Entries entries;
  if (map != nullptr)
    for (const Node::Entry& entry : map->entries()) entries.emplace(entry.key, &entry.value);
  return entries;
}

/// Compares values of two configurations, and what the files that they name hold.
class Comparison {
 public:
  Comparison(const FileContents& before, const FileContents& after) : before_(before), after_(after) {}

  bool is_same(const Node* left, const Node* right) const {
    if (left == nullptr || right == nullptr) return left == right;
    if (left->kind() != right->kind() || left->text() != right->text()) return false;
    if (has_other_content(left->text())) return false;
    return std::ranges::equal(left->items(), right->items(),
                              [this](const Node& one, const Node& other) { return is_same(&one, &other); }) &&
           is_same(entries_of(left), entries_of(right));
  }

  bool is_same(const Entries& left, const Entries& right) const {
    return std::ranges::equal(left, right, [this](const auto& one, const auto& other) {
      return one.first == other.first && is_same(one.second, other.second);
    });
  }

 private:
  /// A file that cannot be read for now is no other.
  bool has_other_content(const std::string& file) const {
    const auto before = before_.find(file);
    const auto after = after_.find(file);
    return before != before_.end() && after != after_.end() && before->second != after->second;
  }

  const FileContents& before_;
  const FileContents& after_;
};

const FileContents no_files;

const Node* find(const Node* map, std::string_view key) { return map == nullptr ? nullptr : map->find(key); }

/// The items of a list by their `name`.
Entries named_items_of(const Node* list) {
  Entries items;
  if (list != nullptr)
    for (const Node& item : list->items())
      if (const Node* name = item.find("name")) items.emplace(name->text(), &item);
  return items;
}

bool is_same_but(const std::set<std::string>& left_out, const Node& left, const Node& right,
                 const Comparison& comparison) {
  Entries before = entries_of(&left);
  Entries after = entries_of(&right);
  for (const std::string& key : left_out) {
    before.erase(key);
    after.erase(key);
  }
  return comparison.is_same(before, after);
}

Changes changes_of(const Entries& running, const Entries& wanted, const std::set<std::string>& taken,
                   const Comparison& comparison) {
  Changes changes;
  for (const auto& [name, settings] : running) {
    const auto now = wanted.find(name);
    if (now == wanted.end())
      changes.removed.push_back(name);
    else if (!is_same_but(taken, *settings, *now->second, comparison))
      changes.changed.push_back(name);
  }
  for (const auto& [name, settings] : wanted)
    if (!running.contains(name)) changes.added.push_back(name);
  return changes;
}

std::vector<std::string> restart_differences(const Node& started, const Node& wanted) {
  std::vector<std::string> paths;
  for (const auto& [section, keys] : restart_settings) {
    const Node* before = section.empty() ? &started : started.find(section);
    const Node* after = section.empty() ? &wanted : wanted.find(section);
    for (const std::string& key : keys)
      if (!Comparison(no_files, no_files).is_same(find(before, key), find(after, key)))
        paths.push_back(section.empty() ? key : fmt::format("{}.{}", section, key));
  }
  return paths;
}

void append_names(std::string_view what, const std::vector<std::string>& names, std::string& text) {
  if (!names.empty()) text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", what, fmt::join(names, ", "));
}

}  // namespace

ReloadDifference reload_difference(const Node& started, const ComparedConfiguration& running,
                                   const ComparedConfiguration& wanted) {
  const auto entries = [](const ComparedConfiguration& settings) {
    return entries_of(settings.document.find("sinks"));
  };
  const auto items = [](const ComparedConfiguration& settings) {
    return named_items_of(settings.document.find("pbx"));
  };
  return {.sinks = changes_of(entries(running), entries(wanted), sink_settings_taken,
                              Comparison(running.files, wanted.files)),
          .pbxs = changes_of(items(running), items(wanted), pbx_settings_taken, Comparison(no_files, no_files)),
          .needs_restart = restart_differences(started, wanted.document)};
}

std::string changes_text(const ReloadDifference& difference) {
  std::string text;
  append_names("sinks added", difference.sinks.added, text);
  append_names("sinks removed", difference.sinks.removed, text);
  append_names("sinks changed", difference.sinks.changed, text);
  append_names("PBXs added", difference.pbxs.added, text);
  append_names("PBXs removed", difference.pbxs.removed, text);
  append_names("PBXs changed", difference.pbxs.changed, text);
  return text.empty() ? "no sink and no PBX has changed" : text;
}

}  // namespace pbxbridge::app
