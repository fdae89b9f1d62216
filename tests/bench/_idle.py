import sys, time
from pathlib import Path
from tui import app, cli
import textual.screen as ts
A={}
def wrap(cls,name,key):
    o=getattr(cls,name)
    def f(self,*a,**k):
        c=time.thread_time()
        try: return o(self,*a,**k)
        finally:
            v=A.setdefault(key,[0,0.0]); v[0]+=1; v[1]+=time.thread_time()-c
    setattr(cls,name,f)
from tui.screens.workbench import Workbench
from tui.widgets.message_list import MessageList
from tui.widgets.message_tabs import FamilyTabs
from tui.widgets.meter import Meter
from tui.widgets.strip import StatusStrip,NoticeBar
wrap(Workbench,"show","wb.show"); wrap(MessageList,"sync","sync"); wrap(FamilyTabs,"show","families"); wrap(Meter,"show","meter"); wrap(StatusStrip,"show","strip")
wrap(ts.Screen,"_on_timer_update","paint")
import tui.core.status as st
class P(app.Bidiscope):
    CSS_PATH=Path(app.__file__).with_name("app.tcss")
    t0=None; on=0
    def _drain(self): 
        if self.t0 is None and self._evidence.session.connected: self.t0=time.time()
        if self.t0 and time.time()-self.t0>2 and self.on==0: self.on=1; A.clear(); self.c=time.thread_time()
        c=time.thread_time()
        super()._drain()
        v=A.setdefault("drain",[0,0.0]); v[0]+=1; v[1]+=time.thread_time()-c
        if self.t0 and time.time()-self.t0>12 and self.on==1:
            self.on=2; open("/tmp/idle.cpu","w").write(f"{(time.thread_time()-self.c)*10}% "+" ".join(f"{k}: {n}x {t*10:.2f}%" for k,(n,t) in A.items()))
app.Bidiscope=P
sys.exit(cli.main(sys.argv[1:]))
