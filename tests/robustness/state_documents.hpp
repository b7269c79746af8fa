#pragma once

#include "support/mosquitto_broker.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace pbxbridge::test {

/// Text of each document of the family `state`, by `EVENT_TYPE/TENANT/ENTITY`.
using StateDocuments = std::map<std::string, std::string>;

/// Those that a subscriber finds who comes now; the names are MQTT's topics.
StateDocuments retained_documents(const MosquittoBroker& broker);

struct CompactedTopic {
  StateDocuments documents;
  std::size_t removals = 0;
  std::size_t duplicates = 0;  ///< records with an id that an earlier one has
};
/// Returns what a consumer that reads the topic from its beginning is left with; the names are the keys.
CompactedTopic compacted_documents(const std::string& brokers, const std::string& topic);

/// Those that follow from the tables in the spool of a pbxbridge that has ended, in the form of `without_causes`.
/// Throws where a row cannot be read.
StateDocuments stored_documents(const std::filesystem::path& spool);

/// The same without the ids of the events that they follow from, which are not in the tables.
StateDocuments without_causes(StateDocuments documents);

/// Describes the first document that is not the same in both; empty: all are.
std::string difference(const std::string& reader, const StateDocuments& documents, const std::string& other_reader,
                       const StateDocuments& others);

/// Totals of queues by document, then by field. A field that is 0 may be missing.
using QueueTotals = std::map<std::string, std::map<std::string, std::int64_t>>;

/// Counted from the events of the family `queue` in a topic where the key is the document's name.
QueueTotals totals_of_events(const std::string& brokers, const std::string& topic);

/// Describes a total in the documents that differs; empty: none does.
std::string difference(const StateDocuments& documents, const QueueTotals& counted);

}  // namespace pbxbridge::test
