#include "sink/json_text.hpp"

#include <openssl/evp.h>
#include <simdjson.h>

namespace pbxbridge::sink {

bool is_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

namespace {

void append_without_carriage_returns(std::string& out, std::string_view text) {
  for (auto end = text.find('\r'); end != std::string_view::npos; end = text.find('\r')) {
    out.append(text, 0, end);
    text.remove_prefix(end + 1);
  }
  out.append(text);
}

}  // namespace

void append_json_on_one_line(std::string& out, std::string_view json) {
  // One memchr over most payloads; find_first_of takes ten times as long.
  for (auto end = json.find('\n'); end != std::string_view::npos; end = json.find('\n')) {
    append_without_carriage_returns(out, json.substr(0, end));
    json.remove_prefix(end + 1);
  }
  append_without_carriage_returns(out, json);
}

void append_base64(std::string& out, std::string_view bytes) {
  const auto offset = out.size();
  const auto encoded_size = 4 * ((bytes.size() + 2) / 3);
  out.resize(offset + encoded_size + 1);  // OpenSSL ends it with a NUL
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data() + offset),
                  reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  out.resize(offset + encoded_size);
}

}  // namespace pbxbridge::sink
