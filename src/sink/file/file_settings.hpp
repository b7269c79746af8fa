#pragma once

#include "pbxbridge/format.hpp"
#include "pbxbridge/sink_type.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace pbxbridge::sink {

enum class Fsync : std::uint8_t { always, interval, none };

struct FileSettings final : SinkSettings {
  std::filesystem::path path;
  Format format = Format::cloudevents_structured;
  std::optional<config::ByteSize> max_file_size;
  std::optional<config::Duration> rotate_every;
  std::uint32_t keep_files = 10;
  Fsync fsync = Fsync::always;
  config::Duration fsync_interval{1'000};

  std::string exclusive() const override;

  static const config::Schema<FileSettings>& schema();
};

}  // namespace pbxbridge::sink

template <>
inline constexpr pbxbridge::EnumName<pbxbridge::sink::Fsync> pbxbridge::enum_names<pbxbridge::sink::Fsync>[] = {
    {sink::Fsync::always, "always"}, {sink::Fsync::interval, "interval"}, {sink::Fsync::none, "none"}};
