#pragma once

#include "process.hpp"
#include "temporary_directory.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::test {

/// Apache Kafka itself: one node in KRaft mode on 127.0.0.1, with its data in a directory that goes with this object.
/// Its jars are looked for in the directory named by PBXBRIDGE_KAFKA_JARS, else in .cache/kafka of the sources. Throws
/// where it does not come up.
class KafkaBroker {
 public:
  struct Options {
    /// It has a listener for each of these addresses, and says that it listens there.
    std::vector<std::string> advertised;
    /// URL of the keys (JWKS) by which the tokens of a listener for SASL OAUTHBEARER are checked; empty: none.
    std::string token_keys;
    /// Further settings of the broker, by name.
    std::map<std::string, std::string> properties;
    /// Names in the certificate; empty: none, and only the common name localhost.
    std::string subject_alt_name = "IP:127.0.0.1,DNS:localhost";
  };

  /// Started, and answering.
  KafkaBroker() : KafkaBroker(Options()) {}
  explicit KafkaBroker(const Options& options);
  ~KafkaBroker();

  // 127.0.0.1:PORT, the same for the life of this object.
  const std::string& address() const { return address_; }
  /// Takes SASL PLAIN, user bridge with the password sesame.
  const std::string& account_address() const { return account_address_; }
  const std::string& token_address() const { return token_address_; }  ///< takes SASL OAUTHBEARER
  /// Takes TLS; its certificate, for 127.0.0.1, is `certificate()`.
  const std::string& tls_address() const { return tls_address_; }
  /// Address by which clients are sent to `advertised` of this index.
  const std::string& misleading_address(std::size_t index) const { return misleading_addresses_.at(index); }
  std::filesystem::path certificate() const { return directory_ / "certificate.pem"; }

  void start();   ///< with the data it had
  void stop();    ///< as an operator would
  void kill();    ///< as a crash would
  void freeze();  ///< keeps its connections and does nothing
  void thaw();
  std::string transcript() const { return process_ ? process_->transcript() : std::string(); }

 private:
  TemporaryDirectory directory_;
  const Options options_;
  std::string address_;
  std::string account_address_;
  std::string tls_address_;
  std::string token_address_;
  std::vector<std::string> misleading_addresses_;
  std::optional<Process> process_;
};

/// Returns whether a broker answers there within `deadline`.
[[nodiscard]] bool kafka_answers(const std::string& address, std::chrono::milliseconds deadline);

/// File to which `kafka_test_broker start` writes the address of the shared broker, and its own process id.
std::filesystem::path shared_kafka_file();

/// The broker that all tests of a run share: of PBXBRIDGE_TEST_KAFKA, else the one that ctest's fixture `kafka`
/// started. Tests use topics of their own on it. Throws where there is none.
std::string shared_kafka();

}  // namespace pbxbridge::test
