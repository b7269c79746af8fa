#pragma once

// CloudEvents 1.0 (https://github.com/cloudevents/spec, v1.0.2) of an event: the attributes alongside the payload for
// the binary mode of each protocol, and the JSON format for the structured mode.

#include "pbxbridge/config/reader.hpp"
#include "pbxbridge/event_ptr.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pbxbridge {

/// A value of a sink's field `attributes`: an attribute beyond the four that CloudEvents requires, or a set of them.
enum class AttributeChoice : std::uint8_t {
  subject,
  time,
  pbx,
  family,
  tenant,
  entitykind,
  receivedtime,
  sequence,
  epoch,
  contenthash,
  minimal,  ///< subject and time
  full,     ///< all of them
};

/// Text of that field in the reference.
inline constexpr std::string_view attributes_text =
    "CloudEvents attributes that a message carries besides `specversion`, `id`, `source` and `type`: a list of names, "
    "`minimal` (`subject` and `time`) or `full`. Each costs CPU time here and bytes at the broker. `redelivered` "
    "is in every repetition, and `snapshot` in what the PBX pushes as its present state after a subscribe.";

/// The optional attributes that a sink's messages carry.
class AttributeSelection {
 public:
  constexpr explicit AttributeSelection(AttributeChoice choice) { add(choice); }
  explicit AttributeSelection(const std::vector<AttributeChoice>& choices) {
    for (const AttributeChoice choice : choices) add(choice);
  }
  constexpr bool has(AttributeChoice attribute) const { return (bits_ >> static_cast<unsigned>(attribute) & 1U) != 0; }

 private:
  constexpr void add(AttributeChoice choice) {
    if (choice == AttributeChoice::full)
      bits_ = ~0U;
    else if (choice == AttributeChoice::minimal)
      bits_ |=
          1U << static_cast<unsigned>(AttributeChoice::subject) | 1U << static_cast<unsigned>(AttributeChoice::time);
    else
      bits_ |= 1U << static_cast<unsigned>(choice);
  }
  unsigned bits_ = 0;
};

struct CloudEventAttribute {
  std::string_view name;   ///< without a protocol's prefix
  std::string_view value;  ///< UTF-8
};

/// The attributes of one event that have a value, in a fixed order. Required ones first: specversion, id, source
/// (`/pbx/NAME`), type (`com.portsip.pbx.EVENT_TYPE`, `com.portsip.pbx.unknown`, or `pbxbridge.EVENT_TYPE`); then those
/// of the selection: subject (the entity), time (RFC 3339, from the payload, else received), and the extensions pbx,
/// family, tenant, entitykind, receivedtime, sequence, epoch, contenthash; last, whatever the selection, snapshot
/// (`true`) of an event that the PBX pushed as its present state, and redelivered (`true`) of a delivery that may have
/// been made before. `datacontenttype` is not among them: in binary mode it is the protocol's own content
/// type.
///
/// One object serves all events of a sink, one after the other, and allocates nothing for an event.
class CloudEventAttributes {
 public:
  explicit CloudEventAttributes(AttributeSelection selection) : selection_(selection) {}
  CloudEventAttributes(const CloudEventAttributes&) = delete;  // the values point into this object
  CloudEventAttributes& operator=(const CloudEventAttributes&) = delete;

  /// Takes on those of `event`. They are valid until the next call, as long as the event lives.
  void compose(const Event& event, bool redelivered = false);
  const CloudEventAttribute* begin() const { return attributes_.data(); }
  const CloudEventAttribute* end() const { return attributes_.data() + size_; }

 private:
  void add(std::string_view name, std::string_view value);
  void add_optional(const Event& event);
  template <class Append>
  void add_written(std::string_view name, Append append);

  const AttributeSelection selection_;
  std::array<CloudEventAttribute, 16> attributes_;
  std::size_t size_ = 0;
  std::string source_;  // kept for their capacity
  std::string type_;
  std::string subject_;  // both only where their text had to be changed
  std::string tenant_;
  std::string written_;
};

/// `application/json` for JSON, `text/plain; charset=utf-8` or `application/octet-stream` for what is none.
std::string_view payload_content_type(const Event& event);

inline constexpr std::string_view structured_content_type = "application/cloudevents+json; charset=utf-8";

/// One JSON object on one line, with the event's `attributes`. A JSON payload stands under `data` with its own bytes
/// apart from line breaks between tokens; other text as a string under `data`; what is no UTF-8 under `data_base64`.
std::string cloudevents_structured(const Event& event, const CloudEventAttributes& attributes);
/// The same with all attributes.
std::string cloudevents_structured(const Event& event, bool redelivered = false);

}  // namespace pbxbridge

template <>
inline constexpr pbxbridge::EnumName<pbxbridge::AttributeChoice> pbxbridge::enum_names<pbxbridge::AttributeChoice>[] = {
    {AttributeChoice::minimal, "minimal"},
    {AttributeChoice::full, "full"},
    {AttributeChoice::subject, "subject"},
    {AttributeChoice::time, "time"},
    {AttributeChoice::pbx, "pbx"},
    {AttributeChoice::family, "family"},
    {AttributeChoice::tenant, "tenant"},
    {AttributeChoice::entitykind, "entitykind"},
    {AttributeChoice::receivedtime, "receivedtime"},
    {AttributeChoice::sequence, "sequence"},
    {AttributeChoice::epoch, "epoch"},
    {AttributeChoice::contenthash, "contenthash"}};
