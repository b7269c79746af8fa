#include "simulator/record/sanitising_key.hpp"

#include "config/schema/file_text.hpp"
#include "simulator/protocol/hex.hpp"
#include "simulator/record/line_file.hpp"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <stdexcept>

namespace pbxbridge::sim {

namespace {

constexpr std::size_t bytes_of_new_key = 32;
constexpr std::size_t least_characters = 16;

}  // namespace

std::string make_sanitising_key() {
  std::string key(bytes_of_new_key, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), static_cast<int>(key.size())) != 1)
    throw std::runtime_error("the system gives no random bytes");
  return key;
}

std::string load_or_make_sanitising_key(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) LineFile::created(file).add_line(hex_of_bytes(make_sanitising_key()));
  auto key = config::read_value_file(file);
  if (!key) throw std::runtime_error(fmt::format("{}: {}", file.string(), key.error().text));
  if (key->size() < least_characters)
    throw std::runtime_error(fmt::format("{}: a key has at least {} characters", file.string(), least_characters));
  return std::move(*key);
}

}  // namespace pbxbridge::sim
