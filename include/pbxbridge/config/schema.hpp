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
//           .check({"ca_file"}, [](const TlsConfig& tls, const config::WrittenKeys& written, config::Report& report) {
//             if (...) report.error(written.location("ca_file"), "...");
//           });
//       return schema;
//     }
//
// Member types: std::string, bool, integers, double, Duration, std::chrono::seconds, ByteSize, Secret,
// std::filesystem::path, enums with `enum_names`, structs with `schema()`, and std::optional, std::vector,
// std::map<std::string, ...> and Located of these. A type of its own form specialises `Reader<T>` (reader.hpp).
// Instead of a member pointer, `.field` takes any function from `T&` to a reference of such a type.

#include "pbxbridge/config/location.hpp"
#include "pbxbridge/config/node.hpp"
#include "pbxbridge/config/reader.hpp"
#include "pbxbridge/config/values.hpp"

#include <algorithm>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace pbxbridge::config {

/// A declared field without the type of its struct: what documentation and the JSON Schema are made from.
struct Field {
  std::string name;
  FieldText text;
  TypeDescription type;
  std::string default_value;  ///< as YAML; empty: none worth telling
};

/// Fields of a struct that the file holds, and their places: for checks across fields.
class WrittenKeys {
 public:
  explicit WrittenKeys(Location struct_location) : struct_location_(struct_location) {}

  bool has(std::string_view field) const;
  /// Returns whether the field has a value to rely on: one from the file, or its default where it is not written and
  /// not required.
  bool is_sound(std::string_view field) const;
  /// Place of the field's key, or of the struct where the field is not written.
  Location location(std::string_view field) const;
  Location struct_location() const { return struct_location_; }

 private:
  friend class SchemaBase;
  Location struct_location_;
  std::vector<std::pair<std::string_view, Location>> fields_;
  std::vector<std::string_view> unsound_;
};

/// The declared fields without the type of their struct.
class SchemaBase {
 public:
  std::string_view text() const { return text_; }
  const std::vector<Field>& fields() const { return fields_; }

 protected:
  explicit SchemaBase(std::string_view text) : text_(text) {}
  ~SchemaBase() = default;
  SchemaBase(const SchemaBase&) = default;
  SchemaBase(SchemaBase&&) = default;

  struct Match {
    std::size_t field;
    const Node::Entry* entry;
  };
  struct Matched {
    explicit Matched(Location location) : written(location) {}
    bool is_map = false;
    std::vector<Match> matches;
    WrittenKeys written;
  };
  Matched match(const Node& node, const UnknownKeys& unknown, Report& report) const;
  FieldContext reading(const Match& match, Report& report) const;
  /// Notes whether checks can rely on the field, after it was read.
  void judge(const Match& match, bool has_errors, WrittenKeys& written) const;
  /// Throws where a field is not declared.
  void expect_declared(const std::vector<std::string_view>& fields) const;

  std::string text_;
  std::vector<Field> fields_;
};

template <class T>
class Schema : public SchemaBase {
 public:
  /// `text` is one or two sentences for the reference.
  explicit Schema(std::string_view text) : SchemaBase(text) {}

  template <class Accessor>
  Schema&& field(std::string_view name, Accessor accessor, FieldText text = {}) && {
    using Member = std::remove_cvref_t<std::invoke_result_t<Accessor, T&>>;
    T defaults{};
    fields_.push_back({std::string(name), text, Reader<Member>::describe(),
                       Reader<Member>::to_yaml(std::invoke(accessor, defaults))});
    readers_.push_back([accessor](const Node& node, T& value, const FieldContext& reading) {
      Reader<Member>::read(node, std::invoke(accessor, value), reading);
    });
    writers_.push_back([accessor](T& value) { return Reader<Member>::to_yaml(std::invoke(accessor, value)); });
    return std::move(*this);
  }

  using Check = std::function<void(const T&, const WrittenKeys&, Report&)>;

  /// `check` is called after the fields are read, unless one of those that it `relies_on` is wrong or missing: what it
  /// would say then is guesswork. Errors inside nested structs do not count. Which fields are written is known in any
  /// case.
  Schema&& check(std::vector<std::string_view> relies_on, Check check) && {
    expect_declared(relies_on);
    checks_.push_back({std::move(relies_on), std::move(check)});
    return std::move(*this);
  }

  /// Reads into `value`; what is not written keeps the value it has.
  void read(const Node& node, T& value, Report& report, const UnknownKeys& unknown = {}) const {
    Matched matched = match(node, unknown, report);
    if (!matched.is_map) return;
    for (const Match& found : matched.matches) {
      const std::size_t errors_before = report.error_count();
      readers_[found.field](found.entry->value, value, reading(found, report));
      judge(found, report.error_count() != errors_before, matched.written);
    }
    const auto is_sound = [&](std::string_view field) { return matched.written.is_sound(field); };
    for (const auto& [relies_on, check] : checks_)
      if (std::ranges::all_of(relies_on, is_sound)) check(value, matched.written, report);
  }

  /// The fields that differ from the struct's own defaults, as a YAML map on one line; empty where none does.
  std::string to_yaml(T value) const {
    std::string entries;
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      const std::string text = writers_[i](value);
      if (text == fields_[i].default_value) continue;
      entries += (entries.empty() ? "" : ", ") + fields_[i].name + ": " + text;
    }
    return entries.empty() ? "" : "{" + entries + "}";
  }

 private:
  std::vector<std::function<std::string(T&)>> writers_;
  std::vector<std::function<void(const Node&, T&, const FieldContext&)>> readers_;
  std::vector<std::pair<std::vector<std::string_view>, Check>> checks_;
};

/// The documentation of a struct with `schema()`.
template <class T>
const SchemaBase& schema_of() {
  return T::schema();
}

}  // namespace pbxbridge::config

#include "pbxbridge/config/struct_reader.hpp"  // IWYU pragma: export
