#include "version/version.hpp"

#include <CLI/Version.hpp>
#include <boost/version.hpp>
#include <fmt/format.h>
#include <librdkafka/rdkafka.h>
#include <nlohmann/json.hpp>
#include <openssl/crypto.h>
#include <rocksdb/version.h>
#include <simdjson.h>
#include <xxhash.h>

#include <MQTTAsync.h>
#include <amqp.h>
#include <jemalloc/jemalloc.h>
#include <lz4.h>
#include <utility>

namespace pbxbridge::version {

namespace {

std::string dotted(unsigned major, unsigned minor, unsigned patch) {
  return fmt::format("{}.{}.{}", major, minor, patch);
}

/// Reads a number such as 10300 for 1.3.0.
std::string of_decimal(unsigned number) { return dotted(number / 10'000, number / 100 % 100, number % 100); }

/// Reads a number such as 0x020002ff: a byte for each part, and one that says that it is released.
std::string of_rdkafka(int number) {
  const auto bits = static_cast<unsigned>(number);
  return dotted(bits >> 24U, bits >> 16U & 0xffU, bits >> 8U & 0xffU);
}

Library compared(std::string_view name, std::string loaded, std::string built_with) {
  if (built_with == loaded) built_with.clear();
  return {name, std::move(loaded), std::move(built_with)};
}

Library compiled_in(std::string_view name, std::string version) { return {name, std::move(version), {}}; }

/// Without the commit behind the version.
std::string jemalloc_version() {
  const std::string_view version = JEMALLOC_VERSION;
  return std::string(version.substr(0, version.find('-')));
}

/// The C library's; the C++ one above it has no way to ask.
std::string paho_version() {
  for (const MQTTAsync_nameValue* entry = MQTTAsync_getVersionInfo(); entry->name != nullptr; ++entry)
    if (std::string_view(entry->name) == "Version") return entry->value;
  return "unknown";
}

}  // namespace

std::vector<Library> libraries() {
  return {compiled_in("Boost", dotted(BOOST_VERSION / 100'000, BOOST_VERSION / 100 % 1'000, BOOST_VERSION % 100)),
          compiled_in("CLI11", CLI11_VERSION),
          compiled_in("dygraphs", PBXBRIDGE_DYGRAPHS_VERSION),
          compiled_in("fmt", of_decimal(FMT_VERSION)),
          compiled_in("jemalloc", jemalloc_version()),
          compared("librabbitmq", amqp_version(), AMQP_VERSION_STRING),
          compared("librdkafka", rd_kafka_version_str(), of_rdkafka(RD_KAFKA_VERSION)),
          compared("LZ4", LZ4_versionString(), LZ4_VERSION_STRING),
          compiled_in("nlohmann-json",
                      dotted(NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH)),
          compared("OpenSSL", OpenSSL_version(OPENSSL_VERSION_STRING), OPENSSL_FULL_VERSION_STR),
          compiled_in("Paho C", paho_version()),
          compiled_in("prometheus-cpp", PBXBRIDGE_PROMETHEUS_CPP_VERSION),
          compared("RocksDB", rocksdb::GetRocksVersionAsString(), dotted(ROCKSDB_MAJOR, ROCKSDB_MINOR, ROCKSDB_PATCH)),
          compiled_in("simdjson", dotted(simdjson::SIMDJSON_VERSION_MAJOR, simdjson::SIMDJSON_VERSION_MINOR,
                                         simdjson::SIMDJSON_VERSION_REVISION)),
          compared("xxHash", of_decimal(XXH_versionNumber()), of_decimal(XXH_VERSION_NUMBER)),
          compiled_in("yaml-cpp", PBXBRIDGE_YAML_CPP_VERSION)};
}

}  // namespace pbxbridge::version
