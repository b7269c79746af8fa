#include "state_judge.hpp"

#include "support/expected_state.hpp"

#include <fmt/format.h>

#include <map>
#include <string>

namespace pbxbridge::test {

namespace {

using nlohmann::json;

/// Returns calls by session.
std::map<std::string, json> calls_in(const ModelState& model) {
  std::map<std::string, json> calls;
  for (const auto& part : model)
    if (part.at("event_type") == "open_call") calls.emplace(part.at("id"), part);
  return calls;
}

bool is_extension(const std::string& key) { return key.find(" state_extension ") != key.npos; }

}  // namespace

/// The PBX tells only the names of a new extension until the next snapshot, so that it has half of a document.
std::string difference_from_model(const StateDocuments& documents, const ModelState& model,
                                  const ModelState& at_connection) {
  auto expected = expected_documents(model);
  const auto before = expected_documents(at_connection);
  ExpectedDocuments found;
  for (const auto& [name, text] : documents) {
    if (name.starts_with("state_call/")) continue;
    const auto document = json::parse(text);
    const std::string type = document.at("event_type");
    const auto key = key_of_document(document.at("tenant"), type, name.substr(name.rfind('/') + 1));
    const bool is_half = type == "state_extension" && expected.contains(key) && !before.contains(key);
    if (!is_half) found[key] = document;
  }
  std::erase_if(expected,
                [&](const auto& entry) { return is_extension(entry.first) && !before.contains(entry.first); });
  return difference(expected, found);
}

std::string ended_call(const StateDocuments& documents, const ModelState& model) {
  const auto open = calls_in(model);
  for (const auto& [name, text] : documents)
    if (name.starts_with("state_call/") && !open.contains(name.substr(name.rfind('/') + 1)))
      return name + " has ended: " + text;
  return {};
}

std::string difference_of_new_calls(const StateDocuments& documents, const ModelState& model,
                                    const ModelState& at_connection) {
  const auto before = calls_in(at_connection);
  for (const auto& [session, call] : calls_in(model)) {
    if (before.contains(session)) continue;
    const std::string tenant = call.at("tenant_id");
    const auto document = documents.find(fmt::format("state_call/{}/{}", tenant, session));
    if (document == documents.end()) return "no document of " + call.dump();
    const auto found = json::parse(document->second);
    if (found.at("caller") != call.at("caller") || found.at("callee") != call.at("callee") ||
        (found.at("answered") != 0) != !call.at("answered_at").get_ref<const std::string&>().empty())
      return document->second + " should be " + call.dump();
  }
  return {};
}

}  // namespace pbxbridge::test
