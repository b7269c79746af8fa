#pragma once

#include "pbxbridge/composed_message.hpp"
#include "pbxbridge/format.hpp"
#include "pbxbridge/outcome_queue.hpp"
#include "pbxbridge/sink.hpp"
#include "sink/line_target.hpp"
#include "sink/line_writer.hpp"

#include <functional>
#include <memory>
#include <string>

namespace pbxbridge::sink {

/// The line of a delivery, without its line break. `default_format` is the sink's.
ComposedMessage compose_line(const Delivery& delivery, Format default_format);

/// A sink that writes each event as one line of NDJSON (event_line.hpp) to a target, on a thread of its own.
class LineSink final : public Sink {
 public:
  LineSink(SinkContext context, Format default_format, std::unique_ptr<LineTarget> target);
  ~LineSink() override;
  LineSink(const LineSink&) = delete;
  LineSink& operator=(const LineSink&) = delete;

  void connect() override;
  [[nodiscard]] bool deliver(const Delivery& delivery) override;
  void close(std::chrono::milliseconds timeout, std::function<void()> closed) override;
  void reopen() override;
  std::size_t window() const override;

 private:
  struct Closing;

  LineWriter::Handlers handlers();
  void take_outcome(std::uint64_t token, Outcome outcome);
  void end();
  void finish_closing();

  SinkContext context_;
  Format default_format_;
  std::shared_ptr<OutcomeQueue> outcomes_;
  std::shared_ptr<LineWriter> writer_;
  std::shared_ptr<LineSink*> self_;  // null once the end has come: what the writer still has posted finds nobody
  std::unique_ptr<Closing> closing_;
  std::size_t in_flight_ = 0;
  std::uint64_t generation_ = 0;
  bool failing_ = false;   // an outcome was retry: nothing more is taken until all of the generation is answered
  bool rejected_ = false;  // `deliver` returned false: `writable` is owed
};

}  // namespace pbxbridge::sink
