# frozen_string_literal: true

require "json"
require "socket"

# A server of HTTP/1.1 that gives prepared answers, one a connection, and keeps what it was asked.
class SmallServer
  Request = Struct.new(:method, :target, :headers, :body) do
    def path = target.partition("?")[0]
    def query = target.partition("?")[2]
    def json = JSON.parse(body)
  end

  # Write a whole answer. `body` is JSON unless it is a String.
  def self.answer(status = 200, body = {}, type: "application/json", headers: {})
    text = body.is_a?(String) ? body : JSON.generate(body)
    lines = { "Content-Type" => type, "Content-Length" => text.bytesize, "Connection" => "close" }.merge(headers).compact
    "HTTP/1.1 #{status} Whatever\r\n#{lines.map { |name, value| "#{name}: #{value}\r\n" }.join}\r\n#{text}"
  end

  # Make a document with all keys that any of the API's has, so that whatever was asked for finds what it needs.
  def self.whole(said = {}) = Offhook::Documents::OF.flat_map(&:last).to_h { |key| [key, nil] }.merge(said.transform_keys(&:to_s))

  attr_reader :url, :answers, :requests

  # An answer is a String of bytes, or a Proc that is given the socket.
  def initialize
    @listener = TCPServer.new("127.0.0.1", 0)
    @url = "http://127.0.0.1:#{@listener.addr[1]}"
    @answers = []
    @requests = []
    @thread = Thread.new { serve }
  end

  def close
    @listener.close
    @thread.kill.join
  end

  private

  def serve
    loop do
      socket = @listener.accept
      @requests << read(socket)
      answer = @answers.shift
      answer.respond_to?(:call) ? answer.call(socket) : socket.write(answer || SmallServer.answer)
    rescue Errno::EPIPE, Errno::ECONNRESET, EOFError
      next
    ensure
      socket&.close
    end
  rescue IOError, Errno::EBADF
    nil
  end

  def read(socket)
    method, target = socket.readline.split
    headers = {}
    until (line = socket.readline.chomp).empty?
      name, _, value = line.partition(": ")
      headers[name.downcase] = value
    end
    Request.new(method, target, headers, socket.read(headers["content-length"].to_i))
  end
end
