#pragma once

// One declaration for each configuration field. Parsing, errors with their place, did-you-mean, the JSON Schema, the
// reference page and the starter file all come from it.
//
// A struct with fields declares them so, and its default member initialisers are the defaults:
//
//     struct TlsConfig {
//       std::filesystem::path ca_file;
//       bool insecure_skip_verify = false;
//       static const config::Schema<TlsConfig>& schema();
//     };
//
//     const config::Schema<TlsConfig>& TlsConfig::schema() {
//       static const auto schema = config::Schema<TlsConfig>("How the peer is verified.")
//           .field("ca_file", &TlsConfig::ca_file, {.text = "Certificates to trust, PEM.", .example = "/etc/ca.pem"})
//           .field("insecure_skip_verify", &TlsConfig::insecure_skip_verify, {.text = "..."})
//           .check([](const TlsConfig& tls, Location at, Report& report) { ... });
//       return schema;
//     }
//
// Member types: std::string, bool, integers, double, Duration, ByteSize, Secret, std::filesystem::path, enums with
// `enum_names`, structs with `schema()`, and std::optional, std::vector, std::map<std::string, ...> and Located of these.
// A type of its own form specialises `Reader<T>` (src/config/reader.hpp).

#include "config/location.hpp"
#include "config/values.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pbxbridge::config {

/// A place in the parsed YAML file (wraps yaml-cpp, so that it is included by one folder only).
class Node;

/// What is told of a field in documentation and errors. Range limits apply to numbers, durations (ms) and sizes (bytes).
struct FieldText {
  std::string_view text;
  std::string_view example = {};
  bool required = false;
  std::optional<std::int64_t> minimum = std::nullopt;
  std::optional<std::int64_t> maximum = std::nullopt;
};

/// Names of an enum's values in YAML; specialise with `static constexpr std::pair<E, std::string_view> values[]`.
template <class E>
struct EnumNames;

/// The declared fields without the type of their struct: what documentation and JSON Schema are made from.
class SchemaBase;

template <class T>
class Schema;  // derives from SchemaBase

}  // namespace pbxbridge::config
