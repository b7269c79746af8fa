#include "pbxbridge/config/document.hpp"

#include "config/substituted_values.hpp"
#include "config/substitution.hpp"
#include "pbxbridge/config/names.hpp"
#include "text/utf8.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <initializer_list>
#include <map>
#include <sstream>
#include <string>
#include <unordered_map>

namespace pbxbridge::config {

namespace {

Location location_of(const YAML::Mark& mark) {
  return mark.is_null() ? Location{1, 1} : Location{mark.line + 1, mark.column + 1};
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = text::utf8_length(text, i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

/// Ends the parsing with a problem that the YAML grammar does not know.
struct Rejected {
  Location location;
  std::string text;
};

/// yaml-cpp takes a quote without its end for one that ends with the file.
bool is_quote_closed(std::string_view text) {
  const char quote = text.empty() ? '\0' : text.front();
  if (quote != '"' && quote != '\'') return true;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\')
      ++i;
    else if (text[i] == quote)
      return true;
  }
  return false;
}

/// Rejects a tag that would be left out silently: `!secret x` would be the text `x`. The tag is not named, for a
/// password that begins with `!` looks like one.
void check_tag(const std::string& tag, Location location, std::initializer_list<std::string_view> known) {
  constexpr std::string_view core_schema = "tag:yaml.org,2002:";
  // yaml-cpp's own for a value without one, plain or quoted.
  if (tag.empty() || tag == "?" || tag == "!") return;
  const std::string_view name = tag.starts_with(core_schema) ? std::string_view(tag).substr(core_schema.size()) : "";
  if (std::ranges::find(known, name) != known.end()) return;
  throw Rejected{location,
                 "a YAML tag (a word that begins with \"!\") that is not supported here; a text that begins with \"!\" "
                 "must stand in quotes, and a secret from elsewhere is written ${VARIABLE} or ${file:/path}"};
}

/// Builds the tree from yaml-cpp's events rather than from its nodes: so the places of keys, duplicate keys and aliases
/// stay visible, and the bounds hold before memory is used.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view text, Report& report, SubstitutedValues& substituted)
      : text_(text), report_(report), substituted_(substituted) {}

  std::optional<Node> take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(Node(Node::Kind::nothing, location_of(mark)), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto named = anchors_.find(anchor);
    if (named == anchors_.end()) throw Rejected{location_of(mark), "an alias stands inside what it names"};
    if (is_key_next()) throw Rejected{location_of(mark), "an alias cannot be a key"};
    count(named->second.size(), named->second.text_bytes(), location_of(mark));
    add(named->second, 0);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const Location location = location_of(mark);
    const auto written = text_.substr(std::min<std::size_t>(mark.pos, text_.size()));
    check_tag(tag == "!" && written.starts_with('!') ? "!<!>" : tag, location, {"str", "int", "float", "bool"});
    if (tag == "!" && !is_quote_closed(written)) throw Rejected{location, "the quote that opens here is never closed"};
    if (!is_utf8(value)) throw Rejected{location, "text that is not UTF-8; save the file in UTF-8"};
    if (is_key_next()) {
      count(0, value.size(), location);
      return open_.back().begin_entry(value, location);
    }
    // The tag "?" is a plain scalar's, "!" a quoted one's.
    if (tag == "?" && (value.empty() || value == "~" || value == "null" || value == "Null" || value == "NULL"))
      return add(Node(Node::Kind::nothing, location), anchor);
    Substituted substituted = substitute(value, location, files_, report_);
    count(1, substituted.failed ? 0 : substituted.text.size(), location);
    if (substituted.failed) {
      text_bytes_ += substituted.text.size();  // where it was too long, the next value is rejected
      return add(Node::unknown(location), anchor);
    }
    if (substituted.takes_default || !substituted.files.empty())
      substituted_[place_of(location)] = {substituted.takes_default, std::move(substituted.files)};
    add(Node::scalar(std::move(substituted.text), location, substituted.changed, tag == "?"), anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    check_tag(tag, location_of(mark), {"seq"});
    open(Node::Kind::list, location_of(mark), anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    check_tag(tag, location_of(mark), {"map"});
    open(Node::Kind::map, location_of(mark), anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Node node;
    YAML::anchor_t anchor;
    std::optional<std::string> key = std::nullopt;  ///< key of the value to come
    Location key_location = {};
    int line_of_first = 0;  ///< where the key stands in the map already, else 0
    std::unordered_map<std::string, int> line_of_key = {};

    void begin_entry(const std::string& name, Location location) {
      const auto [first, is_first] = line_of_key.emplace(name, location.line);
      key = name;
      key_location = location;
      line_of_first = is_first ? 0 : first->second;
    }

    void end_entry(Node value, Report& report) {
      if (line_of_first == 0)
        node.append(std::move(*key), key_location, std::move(value));
      else
        report.error(key_location,
                     "duplicate key" + name_of_key(value) + ", first given in line " + std::to_string(line_of_first));
      key.reset();
    }

    /// Nothing where there is no value: what looks like a key in `{ password: one,two,two }` is the rest of a password.
    std::string name_of_key(const Node& value) const {
      return value.kind() == Node::Kind::nothing ? "" : " \"" + key_text(*key) + '"';
    }
  };

  bool is_key_next() const { return !open_.empty() && open_.back().node.is_map() && !open_.back().key; }

  void open(Node::Kind kind, Location location, YAML::anchor_t anchor) {
    if (is_key_next()) throw Rejected{location, "a key must be a text"};
    if (open_.size() >= max_document_depth)
      throw Rejected{location, "more than " + std::to_string(max_document_depth) + " levels of lists and maps"};
    count(1, 0, location);
    open_.push_back({Node(kind, location), anchor});
  }

  void count(std::size_t values, std::size_t text_bytes, Location location) {
    values_ += values;
    text_bytes_ += text_bytes;
    if (values_ > max_document_values)
      throw Rejected{location,
                     "more than " + std::to_string(max_document_values) + " values, aliases counted each time"};
    if (text_bytes_ > max_document_text) throw Rejected{location, too_much_text()};
  }

  void close() {
    Open closed = std::move(open_.back());
    open_.pop_back();
    add(std::move(closed.node), closed.anchor);
  }

  void add(Node node, YAML::anchor_t anchor) {
    if (is_key_next()) throw Rejected{node.location(), "a key must be a text"};
    if (anchor != 0) anchors_.insert_or_assign(anchor, node);
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.is_map())
      parent.end_entry(std::move(node), report_);
    else
      parent.node.append(std::move(node));
  }

  std::string_view text_;
  Report& report_;
  SubstitutedValues& substituted_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Node> anchors_;
  std::optional<Node> root_;
  ValueFiles files_;
  std::size_t values_ = 0;
  std::size_t text_bytes_ = 0;
};

std::optional<Location> first_tab_in_indentation(std::string_view text) {
  int line = 1;
  while (!text.empty()) {
    const std::string_view row = text.substr(0, text.find('\n'));
    const std::size_t content = row.find_first_not_of(" \t\r");
    const std::size_t tab = row.find('\t');
    if (content != std::string_view::npos && row[content] != '#' && tab < content)
      return Location{line, static_cast<int>(tab) + 1};
    text.remove_prefix(std::min(row.size() + 1, text.size()));
    ++line;
  }
  return std::nullopt;
}

/// A pattern such as `*_cdr` without quotes is the most likely alias in a configuration of ours.
std::string_view quoting_hint(std::string_view message) {
  const bool about_alias = message.find("anchor") != message.npos || message.find("alias") != message.npos;
  return about_alias ? "; a text that begins with * or & must stand in quotes" : "";
}

/// yaml-cpp names the anchor that is missing, and the character that cannot be escaped. A password that begins with `*`
/// looks like an anchor.
std::string without_name(const std::string& message) {
  for (const std::string_view known : {"the referenced anchor is not defined", "unknown escape character"})
    if (message.starts_with(known)) return std::string(known);
  return message;
}

std::optional<Location> first_nul(std::string_view text) {
  const std::size_t nul = text.find('\0');
  if (nul == std::string_view::npos) return std::nullopt;
  const std::string_view before = text.substr(0, nul);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  return Location{static_cast<int>(line), static_cast<int>(nul - (before.rfind('\n') + 1)) + 1};
}

}  // namespace

std::optional<Node> parse_document(std::string_view text, Report& report) {
  SubstitutedValues ignored;
  return parse_document(text, report, ignored);
}

std::optional<Node> parse_document(std::string_view text, Report& report, SubstitutedValues& substituted) {
  if (text.size() > max_document_bytes) {
    report.error({1, 1}, "the file is larger than " + std::to_string(max_document_bytes) + " bytes");
    return std::nullopt;
  }
  // yaml-cpp stops at a NUL as if the file ended there.
  if (const auto nul = first_nul(text)) {
    report.error(*nul, "a NUL character: this is not a text file");
    return std::nullopt;
  }
  // The marks of yaml-cpp leave it out.
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  TreeBuilder builder(text, report, substituted);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    std::optional<Node> root = builder.take_root();
    if (!root || root->kind() == Node::Kind::nothing) {
      report.error({1, 1}, "the file holds no configuration");
      return std::nullopt;
    }
    TreeBuilder next(text, report, substituted);
    if (!parser.HandleNextDocument(next)) return root;
    const std::optional<Node> second = next.take_root();
    if (!second) return root;
    report.error(second->location(), "a second YAML document (after \"---\") begins; only one is allowed in a file");
  } catch (const Rejected& rejected) {
    report.error(rejected.location, rejected.text);
  } catch (const YAML::Exception& exception) {
    // yaml-cpp's own text for it names neither the tab nor its place.
    if (const auto tab = first_tab_in_indentation(text))
      report.error(*tab, "a tab in the indentation: YAML is indented with spaces");
    else
      report.error(location_of(exception.mark),
                   "not valid YAML: " + without_name(exception.msg) + std::string(quoting_hint(exception.msg)));
  }
  return std::nullopt;
}

}  // namespace pbxbridge::config
