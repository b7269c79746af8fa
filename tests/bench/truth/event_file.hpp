#pragma once

#include "truth/mapped_file.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::bench {

/// File of bench-events: each event by its number, which is its line, and what it is about.
class EventFile {
 public:
  /// Throws where the two files in the directory are not there or not of one length.
  explicit EventFile(const std::filesystem::path& directory);

  std::size_t count() const { return entities_.size(); }
  std::string_view event(std::uint32_t number) const;  ///< 1 to `count`
  std::uint32_t entity(std::uint32_t number) const { return entities_[number - 1]; }
  std::size_t entity_count() const { return names_.size(); }
  /// Without its tenant: two tenants may have an extension of one number.
  std::string_view entity_name(std::uint32_t entity) const { return names_[entity]; }

 private:
  MappedFile events_;
  std::vector<std::size_t> begins_;  ///< begin of each line, and the end of the last
  std::vector<std::uint32_t> entities_;
  std::vector<std::string> names_;  ///< by entity
};

/// The number that an event carries as its last field; nothing where it carries none. The rest is not looked at.
std::optional<std::uint32_t> number_of(std::string_view payload);

}  // namespace pbxbridge::bench
