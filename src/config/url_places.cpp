#include "config/url_places.hpp"

#include <algorithm>

namespace pbxbridge::config {

namespace {

constexpr std::string_view ends_of_words = " \t\r\n\"',[]{}";

/// A kind of URL: by what ends it, which depends on the quotation mark before it.
class Extents {
 public:
  Extents(std::string_view text, std::string_view ends) : text_(text), ends_(ends) {}

  /// Finds what is secret in a URL that begins at `begin`, which never goes back: so all calls read the text once.
  void find(std::size_t begin, std::vector<Span>& places) {
    if (is_first_ || begin > end_) {
      is_first_ = false;
      end_ = std::min(text_.find_first_of(ends_, begin), text_.size());
      at_ = text_.substr(begin, end_ - begin).rfind('@');
      if (at_ != std::string_view::npos) at_ += begin;
    }
    if (question_ < begin) question_ = std::min(text_.find('?', begin), text_.size());
    // A password that should have been percent-encoded may hold what ends it elsewhere.
    if (at_ != std::string_view::npos && at_ > begin) places.push_back({begin, at_});
    if (question_ < end_) places.push_back({question_ + 1, end_});
  }

 private:
  std::string_view text_;
  std::string_view ends_;
  bool is_first_ = true;
  std::size_t end_ = 0;
  std::size_t at_ = std::string_view::npos;  ///< the last before `end_`
  std::size_t question_ = 0;                 ///< the next
};

/// Finds the password of `user:password@host` without a scheme before it.
void find_passwords_before_hosts(std::string_view text, std::vector<Span>& places) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find_first_of(ends_of_words, begin), text.size());
    const std::string_view word = text.substr(begin, end - begin);
    const std::size_t colon = word.find(':');
    const std::size_t at = word.rfind('@');
    if (at != std::string_view::npos && colon < at && word.find("://") == std::string_view::npos)
      places.push_back({begin + colon + 1, begin + at});
    begin = end + 1;
  }
}

}  // namespace

void find_url_secrets(std::string_view text, std::vector<Span>& places) {
  find_passwords_before_hosts(text, places);
  Extents plain(text, " \t\r\n");
  Extents in_double_quotes(text, "\r\n\"");
  Extents in_single_quotes(text, "\r\n'");
  char opening = ' ';
  std::size_t read = 0;
  for (auto scheme = text.find("://"); scheme != std::string_view::npos; scheme = text.find("://", scheme + 3)) {
    const std::size_t before = text.substr(read, scheme - read).find_last_of(ends_of_words);
    if (before != std::string_view::npos) opening = text[read + before];
    read = scheme;
    Extents& extents = opening == '"' ? in_double_quotes : opening == '\'' ? in_single_quotes : plain;
    extents.find(scheme + 3, places);
  }
}

}  // namespace pbxbridge::config
