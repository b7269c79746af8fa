#include "app/reload_difference.hpp"

#include <algorithm>
#include <set>

namespace pbxbridge::app {

namespace {

using config::Node;

/// Compares the content alone: neither its place in the file nor the order of keys counts.
bool is_same(const Node* left, const Node* right) {
  if (left == nullptr || right == nullptr) return left == right;
  if (left->kind() != right->kind() || left->text() != right->text()) return false;
  const auto& entries = left->entries();
  return std::equal(left->items().begin(), left->items().end(), right->items().begin(), right->items().end(),
                    [](const Node& one, const Node& other) { return is_same(&one, &other); }) &&
         entries.size() == right->entries().size() &&
         std::all_of(entries.begin(), entries.end(),
                     [right](const Node::Entry& entry) { return is_same(&entry.value, right->find(entry.key)); });
}

std::set<std::string> keys_of(const Node* left, const Node* right) {
  std::set<std::string> keys;
  for (const Node* node : {left, right})
    if (node != nullptr)
      for (const Node::Entry& entry : node->entries()) keys.insert(entry.key);
  return keys;
}

const Node* find(const Node* map, const std::string& key) { return map == nullptr ? nullptr : map->find(key); }

class Difference {
 public:
  /// Each key that differs, but for those that a reload applies.
  void compare(const std::string& path, const Node* started, const Node* wanted, const std::set<std::string>& applied) {
    for (const std::string& key : keys_of(started, wanted))
      if (!applied.contains(key) && !is_same(find(started, key), find(wanted, key))) changed_.push_back(path + key);
  }

  void compare_accounts(const Node* started, const Node* wanted) {
    if (started == nullptr || wanted == nullptr) return;
    const std::size_t accounts = std::min(started->items().size(), wanted->items().size());
    for (std::size_t index = 0; index < accounts; ++index)
      compare("pbx[" + std::to_string(index) + "].", &started->items()[index], &wanted->items()[index], {"subscribe"});
  }

  std::vector<std::string> take() { return std::move(changed_); }

 private:
  std::vector<std::string> changed_;
};

}  // namespace

std::string restart_reason(const config::Config& running, const config::Config& wanted) {
  const auto same_sink = [](const auto& left, const auto& right) {
    return left.first == right.first && left.second.type == right.second.type;
  };
  if (!std::equal(running.sinks.begin(), running.sinks.end(), wanted.sinks.begin(), wanted.sinks.end(), same_sink))
    return "sinks were added, removed or are of another type now, which needs a restart";
  const auto same_pbx = [](const auto& left, const auto& right) {
    return left.name == right.name && left.url.value == right.url.value && left.dialect == right.dialect;
  };
  if (!std::equal(running.pbx.begin(), running.pbx.end(), wanted.pbx.begin(), wanted.pbx.end(), same_pbx))
    return "PBX entries were added, removed, moved or have another url or dialect now, which needs a restart";
  return "";
}

std::vector<std::string> not_applied_by_reload(const Node& started, const Node& wanted) {
  Difference difference;
  difference.compare("", &started, &wanted, {"routes", "pbx", "sinks", "spool", "admin", "shutdown_timeout"});
  difference.compare_accounts(started.find("pbx"), wanted.find("pbx"));
  for (const std::string& sink : keys_of(started.find("sinks"), wanted.find("sinks")))
    difference.compare("sinks." + sink + ".", find(started.find("sinks"), sink), find(wanted.find("sinks"), sink),
                       {"dead_letters_to"});
  for (const std::string section : {"spool", "admin"})
    difference.compare(section + ".", started.find(section), wanted.find(section), {});
  return difference.take();
}

}  // namespace pbxbridge::app
