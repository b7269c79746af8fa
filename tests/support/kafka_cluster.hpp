#pragma once

#include "process.hpp"
#include "temporary_directory.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <string>

namespace pbxbridge::test {

/// Three nodes of Apache Kafka, each a broker and a controller, on 127.0.0.1. A topic has a replica on each, and
/// `acks=all` means two of them at least. About 1 GB of memory. Throws where it does not come up.
class KafkaCluster {
 public:
  static constexpr std::size_t nodes = 3;

  /// Started, and each node answering.
  KafkaCluster();

  /// Addresses of all nodes, separated by commas.
  std::string addresses() const;

  void kill(std::size_t node);   ///< as a crash would
  void start(std::size_t node);  ///< with the data it had; returns when it answers

 private:
  void write_properties(std::size_t node, const std::string& voters) const;
  std::string properties_file(std::size_t node) const;
  void launch(std::size_t node);
  void wait_until_it_answers(std::size_t node);

  TemporaryDirectory directory_;
  std::array<std::string, nodes> clients_;
  std::array<std::string, nodes> controllers_;
  std::array<std::unique_ptr<Process>, nodes> processes_;
};

}  // namespace pbxbridge::test
