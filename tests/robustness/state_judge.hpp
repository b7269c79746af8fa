#pragma once

#include "state_documents.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace pbxbridge::test {

/// Parts of the simulated PBX's state of its model, as its ledger has them (docs/guides/simulator.md).
using ModelState = std::vector<nlohmann::json>;

// These compare documents with the model, in words for a person; empty: they say the same. `at_connection`: the model
// as pbxbridge was subscribed last, for what the PBX tells by snapshots alone.

/// All but calls.
std::string difference_from_model(const StateDocuments& documents, const ModelState& model,
                                  const ModelState& at_connection);
/// None may have a document that has ended.
std::string ended_call(const StateDocuments& documents, const ModelState& model);
/// Those that began since the connection must have their document.
std::string difference_of_new_calls(const StateDocuments& documents, const ModelState& model,
                                    const ModelState& at_connection);

}  // namespace pbxbridge::test
