#include "simulator/rest/filter.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>
#include <optional>
#include <stdexcept>
#include <utility>

namespace pbxbridge::sim {

namespace {

using nlohmann::json;

constexpr int deepest = 32;  ///< brackets and `not` in each other

const json* field_of(const json& object, const std::string& name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

bool comparable(const json& left, const json& right) {
  return (left.is_string() && right.is_string()) || (left.is_number() && right.is_number()) ||
         (left.is_boolean() && right.is_boolean());
}

using Compare = bool (*)(const json& left, const json& right);

constexpr std::array<std::pair<std::string_view, Compare>, 6> comparisons{{
    {"eq", [](const json& left, const json& right) { return left == right; }},
    {"ne", [](const json& left, const json& right) { return left != right; }},
    {"gt", [](const json& left, const json& right) { return left > right; }},
    {"ge", [](const json& left, const json& right) { return left >= right; }},
    {"lt", [](const json& left, const json& right) { return left < right; }},
    {"le", [](const json& left, const json& right) { return left <= right; }},
}};

}  // namespace

class Filter::Node {
 public:
  using Test = std::function<bool(const json&)>;
  explicit Node(Test test) : test_(std::move(test)) {}
  bool passes(const json& object) const { return test_(object); }

 private:
  Test test_;
};

namespace {

using Test = Filter::Node::Test;

bool is_of_name(unsigned char character) { return std::isalnum(character) != 0 || character == '_'; }

/// Recursive descent over the text; each function reads what it is named after and the spaces behind it.
class FilterParser {
 public:
  explicit FilterParser(std::string_view text) : text_(text) { skip_spaces(); }

  Test parse() {
    auto test = any_of();
    if (place_ < text_.size()) fail("the end");
    return test;
  }

 private:
  [[noreturn]] void fail(std::string_view expected) const { fail(expected, place_); }

  [[noreturn]] static void fail(std::string_view expected, std::size_t place) {
    throw std::invalid_argument(fmt::format("filter: expected {} at character {}", expected, place + 1));
  }

  void skip_spaces() {
    while (place_ < text_.size() && text_[place_] == ' ') ++place_;
  }

  bool take(char character) {
    if (place_ >= text_.size() || text_[place_] != character) return false;
    ++place_;
    skip_spaces();
    return true;
  }

  void expect(char character) {
    if (!take(character)) fail(std::string(1, character));
  }

  std::string_view word_ahead() const {
    auto end = place_;
    while (end < text_.size() && is_of_name(text_[end])) ++end;
    return text_.substr(place_, end - place_);
  }

  std::string word(std::string_view expected) {
    const auto found = word_ahead();
    if (found.empty()) fail(expected);
    place_ += found.size();
    skip_spaces();
    return std::string(found);
  }

  bool take_word(std::string_view wanted) {
    if (word_ahead() != wanted) return false;
    place_ += wanted.size();
    skip_spaces();
    return true;
  }

  Test any_of() {
    auto left = all_of();
    while (take_word("or"))
      left = [left, right = all_of()](const json& object) { return left(object) || right(object); };
    return left;
  }

  Test all_of() {
    auto left = one();
    while (take_word("and")) left = [left, right = one()](const json& object) { return left(object) && right(object); };
    return left;
  }

  Test one() {
    if (++depth_ > deepest) fail("less nesting");
    auto test = one_of_any_kind();
    --depth_;
    return test;
  }

  Test one_of_any_kind() {
    if (take_word("not")) return [inner = one()](const json& object) { return !inner(object); };
    if (take('(')) {
      auto inner = any_of();
      expect(')');
      return inner;
    }
    auto name = word("a field");
    if (name == "contains" || name == "startswith") return function(name == "startswith");
    const auto place = place_;
    const auto verb = word("eq, ne, gt, ge, lt or le");
    const auto found = std::ranges::find(comparisons, verb, &std::pair<std::string_view, Compare>::first);
    if (found == comparisons.end()) fail("eq, ne, gt, ge, lt or le", place);
    return [name = std::move(name), compare = found->second, wanted = value()](const json& object) {
      const auto* field = field_of(object, name);
      return field != nullptr && comparable(*field, wanted) && compare(*field, wanted);
    };
  }

  Test function(bool at_start) {
    expect('(');
    auto name = word("a field");
    expect(',');
    const auto begin = place_;
    const auto part = value();
    if (!part.is_string()) fail("a text", begin);
    expect(')');
    return [name = std::move(name), text = part.get<std::string>(), at_start](const json& object) {
      const auto* field = field_of(object, name);
      if (field == nullptr || !field->is_string()) return false;
      const auto place = field->get_ref<const std::string&>().find(text);
      return at_start ? place == 0 : place != std::string::npos;
    };
  }

  json value() {
    if (place_ < text_.size() && text_[place_] == '\'') return text_value();
    auto end = text_.find_first_of(" ),", place_);
    if (end == text_.npos) end = text_.size();
    auto literal = json::parse(text_.substr(place_, end - place_), nullptr, false);
    if (!literal.is_number() && !literal.is_boolean()) fail("a text in single quotes, a number, true or false");
    place_ = end;
    skip_spaces();
    return literal;
  }

  json text_value() {
    std::string text;
    for (++place_; place_ < text_.size(); ++place_) {
      if (text_[place_] == '\'') {
        if (place_ + 1 >= text_.size() || text_[place_ + 1] != '\'') break;
        ++place_;
      }
      text += text_[place_];
    }
    expect('\'');
    return text;
  }

  std::string_view text_;
  std::size_t place_ = 0;
  int depth_ = 0;
};

}  // namespace

Filter::Filter(std::string_view text) {
  if (text.find_first_not_of(' ') != text.npos) root_ = std::make_unique<Node>(FilterParser(text).parse());
}

Filter::~Filter() = default;
Filter::Filter(Filter&&) noexcept = default;
Filter& Filter::operator=(Filter&&) noexcept = default;

bool Filter::passes(const json& object) const { return root_ == nullptr || root_->passes(object); }

namespace {

std::string_view without_spaces(std::string_view text) {
  const auto begin = std::min(text.find_first_not_of(' '), text.size());
  return text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

}  // namespace

Order::Order(std::string_view text) {
  for (bool is_last = text.empty(); !is_last;) {
    const auto comma = text.find(',');
    is_last = comma == text.npos;
    const auto part = without_spaces(text.substr(0, comma));
    if (!is_last) text.remove_prefix(comma + 1);
    const auto name = part.substr(0, part.find(' '));
    const auto direction = without_spaces(part.substr(name.size()));
    if (name.empty() || !std::ranges::all_of(name, is_of_name) ||
        (!direction.empty() && direction != "asc" && direction != "desc"))
      throw std::invalid_argument("orderby: expected fields, each with asc or desc or nothing, with commas between");
    fields_.push_back({std::string(name), direction == "desc"});
  }
}

Order::Key Order::key_of(const json& object) const {
  Key key;
  for (const auto& field : fields_) key.push_back(object.value(field.name, json()));
  return key;
}

bool Order::before(const Key& left, const Key& right) const {
  for (std::size_t i = 0; i < fields_.size(); ++i)
    if (left[i] != right[i]) return fields_[i].descending ? right[i] < left[i] : left[i] < right[i];
  return false;
}

}  // namespace pbxbridge::sim
