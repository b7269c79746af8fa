#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pbxbridge::config {

/// Place in a configuration file; both count from 1, 0 means unknown.
struct Location {
  int line = 0;
  int column = 0;
};

/// A value that remembers where it was written, for checks that come after parsing.
template <class T>
struct Located {
  T value{};
  Location location;
};

struct Problem {
  Location location;
  std::string text;  ///< a clause without final stop; never holds a secret's value
  bool warning = false;
};

/// Gathers all problems of one configuration, so that an operator sees them at once.
class Report {
 public:
  void error(Location location, std::string text) {
    problems_.push_back({location, std::move(text), false});
    ++error_count_;
  }
  void warning(Location location, std::string text) { problems_.push_back({location, std::move(text), true}); }
  bool has_errors() const { return error_count_ > 0; }
  std::size_t error_count() const { return error_count_; }
  const std::vector<Problem>& problems() const { return problems_; }
  /// Sorts by the order of the file; problems of one place stay in the order of their finding.
  void sort();
  /// Sorts likewise, keeps so many at most, errors rather than warnings, and returns how many others there were.
  std::size_t keep_first(std::size_t most);
  /// The first error in the order of the file; null where there is none.
  const Problem* first_error() const;

 private:
  std::vector<Problem> problems_;
  std::size_t error_count_ = 0;
};

/// The candidate that was probably meant by `word`, or an empty text where none is near.
std::string_view did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates);

/// `, did you mean "NAME"?`, or an empty text; to be put after a clause.
std::string suggestion(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace pbxbridge::config
