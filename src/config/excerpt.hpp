#pragma once

#include "pbxbridge/config/location.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::config {

/// Shows places of a configuration as compilers do. Values of keys that could name a secret are left out, misspelt keys
/// among them, whatever a damaged file makes of them: rather too many than one too few.
class Excerpt {
 public:
  /// `secret_names`: keys whose values are secrets. `text` must outlive this object.
  Excerpt(std::string_view text, const std::vector<std::string_view>& secret_names);

  /// The line, and below it a caret at the column; an empty text where there is no such line.
  std::string at(Location location) const;

 private:
  struct Span {
    std::size_t begin;
    std::size_t end;
  };

  std::vector<std::string> cells(std::size_t begin, std::size_t end, std::size_t position, std::size_t& caret) const;
  bool is_hidden(std::size_t position) const;
  void hide_passwords_before_hosts();
  void hide_password_of_url(std::size_t scheme);
  void hide_password(std::size_t begin, std::size_t end);

  std::string_view text_;
  std::vector<Span> hidden_;
};

}  // namespace pbxbridge::config
