# Ends the stack's processes when whoever started them is gone, however it went: standard input is a pipe from there, and a pipe
# closes also after a crash. Lines are `began PID` and `ended PID`. $1 is the data folder, removed in the end.
pids=' '
while read -r act pid; do
  case $act in
    began) pids="$pids$pid " ;;
    ended) pids=$(printf '%s' "$pids" | sed "s/ $pid / /") ;;
  esac
done
if [ "$pids" != ' ' ]; then
  kill -TERM $pids 2>/dev/null
  sleep 2
  kill -KILL $pids 2>/dev/null
fi
rm -rf -- "$1"
