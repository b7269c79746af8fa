#include "deliver/repeated_payload.hpp"

#include <algorithm>
#include <cstring>
#include <string>

namespace pbxbridge::deliver {

RepeatedPayload::RepeatedPayload(std::string_view words) : size_(words.size()) {
  for (const text::Decoded& view : text::decodings(words)) add(view);
  std::ranges::sort(runs_);
  found_.resize(runs_.size());
}

void RepeatedPayload::add(const text::Decoded& view) {
  for (std::size_t at = 0; at + shortest_run <= view.text.size(); ++at) {
    const std::uint64_t bytes = bytes_at(view.text, at);
    runs_.push_back({bytes, view.places[at], view.places[at + shortest_run]});
    may_be_in_runs_.set(bit_of(bytes));
  }
}

void RepeatedPayload::look_in(std::string_view payload) {
  if (runs_.empty()) return;
  look_in_text(payload);
  if (payload.find('\\') != std::string_view::npos) look_in_text(text::json_decoded(text::undecoded(payload)).text);
}

void RepeatedPayload::hide(std::string_view shown, text::HiddenParts& parts) const {
  std::vector<bool> repeated(size_);
  bool is_found = false;
  for (std::size_t index = 0; index < runs_.size(); ++index) {
    const Run& run = runs_[index];
    if (index == 0 || run.bytes != runs_[index - 1].bytes) is_found = found_[index];
    for (std::size_t at = run.begin; is_found && at < run.end; ++at) repeated[at] = true;
  }
  for (auto begin = std::ranges::find(repeated, true); begin != repeated.end();) {
    const auto end = std::find(begin, repeated.end(), false);
    parts.push_back({static_cast<std::size_t>(begin - repeated.begin()),
                     static_cast<std::size_t>(end - repeated.begin()), std::string(shown)});
    begin = std::find(end, repeated.end(), true);
  }
}

std::uint64_t RepeatedPayload::bytes_at(std::string_view text, std::size_t position) {
  std::uint64_t bytes = 0;
  static_assert(sizeof(bytes) == shortest_run);
  std::memcpy(&bytes, text.data() + position, shortest_run);
  return bytes;
}

/// Spreads the bytes over the filter (Fibonacci hashing).
std::size_t RepeatedPayload::bit_of(std::uint64_t bytes) {
  constexpr std::uint64_t golden_ratio = 0x9e3779b97f4a7c15;
  return static_cast<std::size_t>((bytes * golden_ratio) >> 48);
}

void RepeatedPayload::look_in_text(std::string_view payload) {
  for (std::size_t at = 0; at + shortest_run <= payload.size(); ++at) {
    const std::uint64_t bytes = bytes_at(payload, at);
    if (!may_be_in_runs_[bit_of(bytes)]) continue;
    const auto run = std::ranges::lower_bound(runs_, bytes, {}, &Run::bytes);
    if (run != runs_.end() && run->bytes == bytes) found_[static_cast<std::size_t>(run - runs_.begin())] = true;
  }
}

}  // namespace pbxbridge::deliver
